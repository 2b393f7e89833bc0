import Glibc

/// The number of allocations so far, as `count-allocations.c` counts them.
struct AllocationCounter {
    private let counted: @convention(c) () -> Int

    static var shared: AllocationCounter? {
        guard let symbol = unsafe dlsym(nil, "oneway_allocations") else { return nil }
        return unsafe AllocationCounter(counted: unsafeBitCast(symbol, to: (@convention(c) () -> Int).self))
    }

    var count: Int { counted() }
}
