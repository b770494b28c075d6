"""Why an episode needs a look. Reasons of the work, never of a woman: nobody is chosen by anything known of her
(protection rule 2). Pure."""

from enum import StrEnum


class Need(StrEnum):
    """`decision`: the registry said something that a worker has to look at; `moved`: she has to be asked about another
    facility; `ending`, `expired`: of the consent; `unlinked`: it is not known who she is in the register."""

    DECISION = "decision"
    MOVED = "moved"
    ENDING = "ending"
    EXPIRED = "expired"
    UNLINKED = "unlinked"
    PAUSED = "paused"
