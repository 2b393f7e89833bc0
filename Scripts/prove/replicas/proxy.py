#!/usr/bin/env python3
"""proxy.py LANES: a TCP proxy with that many ports, which it prints as a line of JSON. Lines on its standard input:

route LANE PORT   leads the lane's connections from now on to this port of this machine
cut LANE...       a black hole: nothing passes in either direction, and nobody is told; new connections hang
mend LANE...      what was under way arrives, late, as in a network that was interrupted"""
import asyncio, json, sys


class Lane:
    def __init__(self):
        self.target = None
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def connect(self, client_reader, client_writer):
        await self.is_open.wait()
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return client_writer.transport.abort()
        await asyncio.gather(self.pass_on(client_reader, server_writer), self.pass_on(server_reader, client_writer))

    async def pass_on(self, reader, writer):
        try:
            while True:
                data = await reader.read(1 << 16)
                await self.is_open.wait()
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        except OSError:
            await self.is_open.wait()
        writer.close()


async def main():
    lanes = [Lane() for _ in range(int(sys.argv[1]))]
    servers = [await asyncio.start_server(lane.connect, "127.0.0.1", 0) for lane in lanes]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    # Ends with whoever started it.
    while words := (await orders.readline()).decode().split():
        order, numbers = words[0], [int(word) for word in words[1:]]
        if order == "route":
            lanes[numbers[0]].target = numbers[1]
        for lane in numbers if order != "route" else []:
            lanes[lane].is_open.clear() if order == "cut" else lanes[lane].is_open.set()
        print("done", flush=True)


asyncio.run(main())
