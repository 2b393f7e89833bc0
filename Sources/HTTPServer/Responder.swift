/// The application behind a server. `admit` and `refuse` run on the server's own threads and must not block.
public protocol Responder: Sendable {
    /// Decides by the head alone how to treat a request.
    func admit(_ head: RequestHead) -> Admission
    /// Answers an admitted request. It does not learn when the client has gone away: the work is done all the same.
    func respond(to request: Request) async -> Response
    /// Returns the answer to a request that the server itself refuses.
    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response
    /// Called once for every request whose head was read, after its answer was sent or its connection broke.
    func served(_ exchange: Served)
    /// A message of the library about connections. May contain bytes from clients.
    func libraryLog(_ line: String)
}

public enum Admission: Sendable {
    /// Needs no slot and no body. A body is read and dropped first, within limits, so that a client that is still
    /// sending gets the answer; one that waits for `100 Continue` is answered at once.
    case answer(Response)
    case receive(bodyBytesMax: Int, lane: Lane)
}

/// Requests of the reserved lane have slots and memory of their own, which ordinary ones cannot use up.
public enum Lane: Sendable { case ordinary, reserved }

public enum HTTPRefusal: Sendable, Equatable {
    /// Framing that could be read in two ways; the text says how. The connection closes.
    case malformed(String)
    case tooLarge
    case overloaded
    case draining
    case timedOut
}

/// One completed request.
public struct Served: Sendable {
    public let head: RequestHead
    /// `nil`: no answer was given; the client went away or was cut for being slow.
    public let status: Int?
    public let bodyBytes: Int
    public let seconds: Double
}
