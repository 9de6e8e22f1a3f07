from dash import Dash, html

app = Dash(__name__)
wsgi = app.server
app.layout = html.P("Nothing happens.")

if __name__ == "__main__":
    app.run(debug=True)
