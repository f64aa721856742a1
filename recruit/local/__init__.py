"""What ./run and ./test do: from a bare checkout to a running site, on servers of its own."""
