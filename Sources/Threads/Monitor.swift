import Glibc

/// A locked value that our own threads can wait on. Never wait on the cooperative pool: it has one thread per core.
@safe public final class Monitor<Value>: @unchecked Sendable {
    // @unchecked is right because `value` is touched in `withLock`, `wait` and `deinit` only, always under the mutex,
    // and neither the mutex nor the condition moves: they live in memory of their own.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    public init(_ value: sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe changed = .allocate(capacity: 1)
        unsafe changed.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let codes = unsafe (pthread_mutex_init(mutex, nil), pthread_cond_init(changed, &attributes))
        unsafe pthread_condattr_destroy(&attributes)
        precondition(codes == (0, 0), "pthread_mutex_init or pthread_cond_init failed")
        self.value = value
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the value and wakes one waiting thread.
    public func update<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_signal(changed)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Blocks this thread until `body`, called again after each change, returns a result; nil if `milliseconds` pass
    /// without one.
    public func wait<Result>(
        milliseconds: Int? = nil,
        _ body: (inout sending Value) -> sending Result?
    ) -> sending Result? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var deadline = Self.fromNow(milliseconds: milliseconds ?? 0)
        while true {
            if let result = body(&value) { return result }
            if milliseconds == nil {
                unsafe pthread_cond_wait(changed, mutex)
            } else if unsafe pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT {
                return body(&value)
            }
        }
    }

    private static func fromNow(milliseconds: Int) -> timespec {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + milliseconds % 1000 * 1_000_000
        return timespec(
            tv_sec: time.tv_sec + milliseconds / 1000 + nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000
        )
    }
}
