"""The producer: sends the task to the broker."""

import asyncio
import sys

from tasks import broker, work


async def main() -> None:
    text = " ".join(sys.argv[1:]) or "Hello World!"
    await broker.startup()
    await work.kiq(text)
    await broker.shutdown()
    print(f"Sent {text!r}")


asyncio.run(main())
