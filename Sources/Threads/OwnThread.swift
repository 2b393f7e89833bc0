import Glibc

/// A thread of our own, for calls that block.
public enum OwnThread {
    public static func start(_ body: @escaping @Sendable () -> Void) {
        let start = unsafe Unmanaged.passRetained(Start(body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, run, start.toOpaque())
        precondition(code == 0, "pthread_create failed")
        pthread_detach(thread)
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
    }
}
