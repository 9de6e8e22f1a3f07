from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def index(self):
        self.client.get("/")
