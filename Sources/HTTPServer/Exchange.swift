import CMicroHTTPD
import Threads

/// One request and its answer. Created when the request line is read, released when libmicrohttpd reports completion.
///
/// `@unchecked Sendable`: the plain properties are touched only by libmicrohttpd's thread of this connection, or after
/// the hand-over in `run` that orders them (the body is complete by then); other threads change only `shared`, behind
/// its lock. The connection's pointer is used by other threads for resuming only, which is allowed while it is
/// suspended, and it is suspended from `handling` until exactly one `finish` wins.
@safe final class Exchange: @unchecked Sendable {
    let target: [UInt8]
    /// Where the target lies in the library's memory: a NUL inside it would make it end early.
    let targetAddress: UInt
    let connection: Connection
    let started = monotonicSeconds()
    private let handle: OpaquePointer
    let shared = Locked(Shared())

    var head: RequestHead?
    var body: [UInt8] = []
    var given: Response?
    var lane: Lane = .ordinary
    /// The bytes that the gate counts for it now, and all that arrived.
    var heldBytes = 0
    var bodyBytes = 0
    var entered = false
    var isDiscarding = false
    var status: Int?

    struct Shared: Sendable {
        var state = ExchangeState()
        var response: Response?
    }

    init(target: [UInt8], targetAddress: UInt, connection: Connection, handle: OpaquePointer) {
        self.target = target
        self.targetAddress = targetAddress
        self.connection = connection
        unsafe self.handle = handle
    }

    /// Gives the answer from any thread. The first one counts, a later one is dropped.
    func finish(_ response: @autoclosure () -> Response) {
        let answer = response()
        let first = shared.withLock { shared in
            guard shared.state.finished() else { return false }
            shared.response = answer
            return true
        }
        if first { unsafe MHD_resume_connection(handle) }
    }
}
