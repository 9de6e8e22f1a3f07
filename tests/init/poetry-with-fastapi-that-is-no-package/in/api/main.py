import uvicorn
from fastapi import FastAPI

PORT = 8080
app = FastAPI()

if __name__ == "__main__":
    uvicorn.run("main:app", host="0.0.0.0", port=PORT, reload=True)
