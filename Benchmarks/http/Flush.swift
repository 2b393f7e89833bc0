import Glibc

func flushOutput() { fflush(nil) }
