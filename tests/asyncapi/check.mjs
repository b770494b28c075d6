// Validate an AsyncAPI document read from standard input with the official parser; print what it finds, as JSON.
import { Parser } from "@asyncapi/parser";
import { text } from "node:stream/consumers";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const found = diagnostics.map(({ code, message, path, severity }) => ({ code, message, path, severity }));
console.log(JSON.stringify({ channels: document?.allChannels().all().map((each) => each.address()) ?? null, found }));
