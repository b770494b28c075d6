"""`python -m deploy.kafka`: a broker on 127.0.0.1:9092 in the foreground, until Ctrl-C."""

import signal
import sys
from types import FrameType

from deploy.kafka.broker import Broker, BrokerUnavailable
from deploy.kafka.jars import state_folder

PORT = 9092


def main() -> int:
    broker = Broker(state_folder() / f"broker-{PORT}", PORT)
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
    print("the broker ended by itself; its log is broker.log in its folder", file=sys.stderr)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
