"""Another process that writes vectors: a line of standard input is a method and its arguments.

Run with a Chroma folder, a collection's name and a file of vectors. A line `put 3 9` puts those
numbers' vectors under p3 to p8, `remove 3 9` removes them, and `compact` compacts.
"""

import sys
from pathlib import Path

import numpy as np

from retrieval.archive.chroma_folder import ChromaFolder

store = ChromaFolder(Path(sys.argv[1]), sys.argv[2])
vectors = np.load(sys.argv[3])
for line in sys.stdin:
    what, *numbers = line.split()
    wanted = range(*map(int, numbers)) if numbers else range(0)
    ids = [f"p{n}" for n in wanted]
    if what == "put":
        store.put(ids, vectors[wanted])
    elif what == "remove":
        store.remove(ids)
    elif what == "create":
        store._writable()
    else:
        store.compact()
    print("done", flush=True)
store.close()
