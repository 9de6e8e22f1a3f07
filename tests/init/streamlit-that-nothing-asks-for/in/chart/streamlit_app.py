"""A chart."""

import streamlit

streamlit.title("Rain")
