import psycopg2

if __name__ == "__main__":
    psycopg2.connect("")
