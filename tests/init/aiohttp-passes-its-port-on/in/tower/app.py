from aiohttp import web


class Tower:
    def __init__(self, host, port):
        self.host = host
        self.port = port

    async def light(self, request):
        return web.Response(text="on")

    def serve(self):
        app = web.Application()
        app.router.add_get("/", self.light)
        web.run_app(app, host=self.host, port=self.port)


if __name__ == "__main__":
    tower = Tower(host="0.0.0.0", port=8090)
    tower.serve()
