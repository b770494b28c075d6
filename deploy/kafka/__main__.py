"""`python -m deploy.kafka [PORT]`: a broker on 127.0.0.1, port 9092 unless told, in the foreground until Ctrl-C.

Its records stay between runs, in the folder that TENFOLD_KAFKA_FOLDER names, else in the checkout's ignored one.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from deploy.kafka.broker import Broker, BrokerUnavailable
from deploy.kafka.jars import state_folder


def main(arguments: list[str]) -> int:
    port = int(arguments[0]) if arguments else 9092
    told = os.environ.get("TENFOLD_KAFKA_FOLDER")
    broker = Broker(Path(told) if told else state_folder() / f"broker-{port}", port)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        broker.start()
        print(f"Kafka listens on {broker.bootstrap}; Ctrl-C stops it", flush=True)
        broker.wait()
    except BrokerUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        broker.stop()
    print(f"the broker ended by itself; see {broker.folder / 'broker.log'}", file=sys.stderr)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
