/// What a server is for. `admit` and `refuse` run on the server's own threads and must not block.
public protocol Responder: Sendable {
    /// Decides by the head alone what becomes of a request.
    func admit(_ head: RequestHead) -> Admission
    /// Answers an admitted request. A client that went away meanwhile is not told of: the work is done all the same.
    func respond(to request: Request) async -> Response
    /// Words for what the server itself refuses.
    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response
    /// Every request that got as far as a head, once, after its answer left or its connection broke.
    func served(_ exchange: Served)
    /// What the library says about connections. May hold bytes of clients.
    func libraryLog(_ line: String)
}

public enum Admission: Sendable {
    /// Needs no slot and no body. A body goes by unread first, within limits, so that whoever is busy sending gets the
    /// answer; one that waits to be told to send is answered at once.
    case answer(Response)
    case receive(bodyBytesMax: Int, lane: Lane)
}

/// Requests of the reserved lane have slots and memory of their own, which ordinary ones cannot use up.
public enum Lane: Sendable { case ordinary, reserved }

public enum HTTPRefusal: Sendable, Equatable {
    /// Framing that could be read in two ways; says which. The connection closes.
    case malformed(String)
    case tooLarge
    case overloaded
    case draining
    case timedOut
}

/// One request in hindsight.
public struct Served: Sendable {
    public let head: RequestHead
    /// `nil`: no answer was given; the client went away or was cut for being slow.
    public let status: Int?
    public let bodyBytes: Int
    public let seconds: Double
}
