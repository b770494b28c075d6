"""What every page for care must have, asked of the page as a browser built it: names of controls, headings in order,
contrast, size of what is tapped, nothing out of sight on a small phone."""

from playwright.async_api import Page

FAULTS = """() => {
  const faults = [];
  const seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && r.left > -1000; };
  const text = e => (e.innerText || e.value || '').trim();
  const named = e => text(e) || e.getAttribute('aria-label') || (e.labels && [...e.labels].some(text));
  for (const e of document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])'))
    if (seen(e) && !named(e)) faults.push('no name: ' + e.outerHTML.slice(0, 80));
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (seen(e) && !(e.labels && e.labels.length)) faults.push('no label: ' + e.outerHTML.slice(0, 80));
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  let level = 1;
  for (const e of document.querySelectorAll('main h1, main h2, main h3, main h4')) {
    const now = Number(e.tagName[1]);
    if (now > level + 1) faults.push('heading skips: ' + e.outerHTML.slice(0, 80));
    level = now;
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push('an id stands twice');
  for (const a of ['aria-labelledby', 'aria-describedby'])
    for (const e of document.querySelectorAll('[' + a + ']'))
      for (const id of e.getAttribute(a).split(' '))
        if (!document.getElementById(id)) faults.push(a + ' names nothing: ' + id);
  if (!document.documentElement.lang || !document.title.trim()) faults.push('no language or title');
  for (const e of document.querySelectorAll('main button, main .button'))
    if (seen(e) && e.getBoundingClientRect().height < 38) faults.push('too small: ' + e.outerHTML.slice(0, 80));
  const parts = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
  for (const e of document.querySelectorAll('body *')) {
    if (!seen(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), large = parseFloat(style.fontSize) >= 24;
    const [a, b] = [light(parts(style.color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) faults.push('contrast: ' + e.outerHTML.slice(0, 80));
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push('out of sight to the right');
  return faults;
}"""


async def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, everything that can be unfolded unfolded."""
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found: list[str] = await page.evaluate(FAULTS)
    return found


async def reached(page: Page, most: int = 200) -> list[str]:
    """What the Tab key comes to, in its order, from the top of the page once round."""
    await page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    names: list[str] = []
    for _ in range(most):
        await page.keyboard.press("Tab")
        name = await page.evaluate(
            "(e => e === document.body ? '' : (e.innerText || e.name || e.ariaLabel || e.id || '?').trim())"
            "(document.activeElement)"
        )
        if not name:
            break
        names.append(name)
    return names
