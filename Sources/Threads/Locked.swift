public import Glibc

/// A value that can be accessed only while its lock is held.
///
/// A pthread mutex, because the thread sanitizer understands it: `Synchronization.Mutex` on Linux uses futex calls that
/// the sanitizer does not see, so it would report false races.
@safe public final class Locked<Value>: @unchecked Sendable {
    // @unchecked is right because `value` is touched in `withLock` and `deinit` only, and the mutex never moves:
    // it lives in memory of its own.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var value: Value

    public init(_ value: sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init failed")
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Keep the body short: never block, never call out to code that may take another lock.
    ///
    /// Inlinable: the generic code would cost each caller a few hundred instructions.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
