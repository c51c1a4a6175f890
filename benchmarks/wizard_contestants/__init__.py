"""One wizard of four steps, as each of those who take part writes it."""
