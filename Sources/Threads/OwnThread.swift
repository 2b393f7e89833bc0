import Glibc

/// Runs `body` on a thread of its own, which ends with it. For blocking calls: the cooperative pool has as many threads
/// as the machine has processors, and two blocked calls would stop every task on a small one.
public func startThread(_ body: @escaping @Sendable () -> Void) {
    let work = unsafe Unmanaged.passRetained(Work(body: body))
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, nil, runWork, work.toOpaque())
    precondition(code == 0, "the thread could not be created")
    pthread_detach(thread)
}

/// Returns the result of `body`, run on a thread of its own.
public func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A function rather than a closure literal: in a main-actor context a literal would trap when another thread calls it.
private func runWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
    return nil
}
