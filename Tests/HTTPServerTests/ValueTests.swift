import Testing

@testable import HTTPServer

/// Tests the server's decisions as values, without sockets.
@Suite struct RequestCheckTests {
    static func complaint(
        method: String = "POST",
        target: String = "/a",
        version: String = "HTTP/1.1",
        _ headers: [(String, String)] = [("Host", "a")],
        headersMax: Int = 100
    ) -> String? {
        var check = RequestCheck(headersMax: headersMax)
        check.requestLine(method: method.utf8, target: target.utf8, version: version)
        for (name, value) in headers { check.header(name: name.utf8, value: value.utf8) }
        check.end()
        return check.complaint
    }

    @Test(arguments: [
        ("GET", "/"), ("POST", "/a%20b?c=%FF"), ("M-SEARCH", "/!$&'()*+,;=:@"), ("BREW", "/%0"), ("A", "/a%0"),
        ("A", "/%"), ("A", "/a?b#c"),
    ])
    func soundLinesPass(method: String, target: String) {
        #expect(Self.complaint(method: method, target: target) == nil)
    }

    @Test(arguments: [
        ("", "/"), ("G ET", "/"), ("GET\u{0}", "/"), ("GÉT", "/"), ("GET", ""), ("GET", "a"), ("GET", "*"),
        ("GET", "/a b"),
        ("GET", "/\u{1F}"), ("GET", "/\u{7F}"), ("GET", "/%00"), ("GET", "/a%00b"), ("GET", "/%%00"), ("GET", "/%0%00"),
    ])
    func brokenLinesDoNot(method: String, target: String) {
        #expect(Self.complaint(method: method, target: target) != nil)
    }

    @Test(arguments: [
        [("Host", "a"), ("Content-Length", "0")], [("HOST", "a"), ("CONTENT-LENGTH", "12")],
        [("Host", ""), ("Transfer-Encoding", "chunked")], [("Host", "a"), ("transfer-encoding", "CHUNKED")],
        [("Host", "a"), ("X", "tab\tin it")], [("Host", "a"), ("X", "ÿ")],
        [("Host", "a"), ("Content-Length", "999999999999999999")],
    ])
    func soundHeadersPass(headers: [(String, String)]) {
        #expect(Self.complaint(headers) == nil)
    }

    @Test(
        arguments: [
            [], [("Host", "a"), ("host", "a")], [("Host", "a"), ("", "b")], [("Host", "a"), ("X ", "b")],
            [("Host", "a"), ("X:", "b")], [("Host", "a"), ("X", "a\nb")], [("Host", "a"), ("X", "a\rb")],
            [("Host", "a"), ("Content-Length", "")], [("Host", "a"), ("Content-Length", " 1")],
            [("Host", "a"), ("Content-Length", "1 ")], [("Host", "a"), ("Content-Length", "1,1")],
            [("Host", "a"), ("Content-Length", "1000000000000000000")], [("Host", "a"), ("Content-Length", "١")],
            [("Host", "a"), ("Content-Length", "1"), ("Content-Length", "1")],
            [("Host", "a"), ("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
            [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
            [("Host", "a"), ("Transfer-Encoding", "identity")],
            [("Host", "a"), ("Transfer-Encoding", "chunked, chunked")],
            [("Host", "a"), ("Transfer-Encoding", " chunked")], [("Host", "a"), ("Transfer-Encoding", "")],
        ] as [[(String, String)]]
    )
    func brokenHeadersDoNot(headers: [(String, String)]) {
        #expect(Self.complaint(headers) != nil)
    }

    @Test func theLengthIsUnderstood() {
        for (headers, length) in [
            ([("Host", "a"), ("Content-Length", "007")], 7), ([("Host", "a")], 0),
            ([("Host", "a"), ("Transfer-Encoding", "chunked")], nil),
        ] as [([(String, String)], Int?)] {
            var check = RequestCheck(headersMax: 3)
            for (name, value) in headers { check.header(name: name.utf8, value: value.utf8) }
            check.end()
            #expect(check.contentLength == length)
        }
    }
}

@Suite struct ExchangeStateTests {
    private var state = ExchangeState()
    private let ordinary = Admission.receive(bodyBytesMax: 100, lane: .ordinary)

    @Test mutating func aBodyIsCollectedHandledAndAnsweredOnce() {
        #expect(state.admitted(ordinary, contentLength: 100, draining: false) { 1_000 } == .readOn)
        #expect(state.piece(bytes: 60, collected: 0, held: true) == .keep)
        #expect(state.piece(bytes: 40, collected: 60, held: true) == .keep)
        #expect(state.ended { _ in nil } == .handle(.ordinary))
        // Woken too early, answered, answered late, woken, woken again, answered later still.
        let story = [
            state.woken(), state.finished(), state.finished(), state.woken(), state.woken(), state.finished(),
        ]
        #expect(story == [false, true, false, true, false, false])
    }

    @Test mutating func aDeclaredLengthOverTheLimitGoesByUnread() {
        #expect(state.admitted(ordinary, contentLength: 101, draining: false) { 1_000 } == .readOn)
        #expect(state.piece(bytes: 101, collected: 0, held: true) == .drop)
        #expect(state.ended { _ in nil } == .answer(.refuse(.tooLarge)))
    }

    @Test mutating func anUndeclaredOneIsLetGoByAndRefusedAtTheEnd() {
        #expect(state.admitted(ordinary, contentLength: nil, draining: false) { 1_000 } == .readOn)
        #expect(state.piece(bytes: 100, collected: 0, held: true) == .keep)
        #expect(state.piece(bytes: 1, collected: 100, held: true) == .drop)
        #expect(state.piece(bytes: 300, collected: 0, held: true) == .drop)
        #expect(state.ended { _ in nil } == .answer(.refuse(.tooLarge)))
    }

    @Test mutating func patienceEnds() {
        #expect(state.admitted(ordinary, contentLength: nil, draining: false) { 1_000 } == .readOn)
        #expect(state.piece(bytes: 101, collected: 0, held: true) == .drop)
        #expect(state.piece(bytes: 301, collected: 0, held: true) == .cut)
    }

    @Test mutating func withoutMemoryTheRestGoesBy() {
        #expect(state.admitted(ordinary, contentLength: 100, draining: false) { 1_000 } == .readOn)
        #expect(state.piece(bytes: 50, collected: 0, held: false) == .drop)
        #expect(state.piece(bytes: 50, collected: 0, held: true) == .drop)
        #expect(state.ended { _ in nil } == .answer(.refuse(.overloaded)))
    }

    @Test mutating func withoutASlotItIsRefused() {
        #expect(state.admitted(ordinary, contentLength: 0, draining: false) { 1_000 } == .readOn)
        #expect(state.ended { _ in .overloaded } == .answer(.refuse(.overloaded)))
        let finished = state.finished()
        #expect(!finished)
    }

    @Test mutating func whileDrainingNothingIsTaken() {
        #expect(state.admitted(ordinary, contentLength: 0, draining: true) { nil } == .readOn)
        #expect(state.ended { _ in nil } == .answer(.refuse(.draining)))
    }

    @Test mutating func anAnswerWithoutABodyToComeKeepsTheConnection() {
        #expect(state.admitted(.answer(Response(status: 200)), contentLength: 0, draining: true) { nil } == .readOn)
        #expect(state.ended { _ in .overloaded } == .answer(.given))
    }

    @Test(arguments: [5, 1_000, nil]) mutating func aBodyGoesByBeforeAnEarlyAnswer(length: Int?) {
        #expect(
            state.admitted(.answer(Response(status: 401)), contentLength: length, draining: false) { 1_000 } == .readOn
        )
        #expect(state.piece(bytes: 1_000, collected: 0, held: false) == .drop)
        #expect(state.piece(bytes: 1, collected: 0, held: true) == .cut)
        #expect(state.ended { _ in nil } == .answer(.given))
    }

    /// Too large, or no place left: answered at once, and the connection closes.
    @Test(arguments: [(1_001, 1_000), (5, nil), (nil, nil)]) mutating func beyondTheLimitsItIsAnsweredAtOnce(
        length: Int?,
        discard: Int?
    ) {
        #expect(
            state.admitted(.answer(Response(status: 401)), contentLength: length, draining: false) { discard }
                == .answer(.given)
        )
        #expect(state.ended { _ in nil } == .cut)
    }
}

@Suite struct GateTests {
    @Test func slotsAndMemoryOfTheLanesAreTheirOwn() {
        var limits = HTTPLimits()
        (limits.requestsInFlightMax, limits.reservedInFlightMax) = (2, 1)
        (limits.bodiesInMemoryBytesMax, limits.reservedBodiesBytesMax) = (10, 5)
        var gate = Gate(limits: limits)
        let ordinary = [gate.enter(.ordinary), gate.enter(.ordinary), gate.enter(.ordinary)]
        #expect(ordinary == [nil, nil, .overloaded])
        let reserved = [gate.enter(.reserved), gate.enter(.reserved)]
        #expect(reserved == [nil, .overloaded])
        #expect([gate.hold(bodyBytes: 10, .ordinary), gate.hold(bodyBytes: 1, .ordinary)] == [true, false])
        #expect([gate.hold(bodyBytes: 5, .reserved), gate.hold(bodyBytes: 1, .reserved)] == [true, false])
        gate.leave(.ordinary, entered: true, bodyBytes: 10)
        let again = (gate.enter(.ordinary), gate.hold(bodyBytes: 10, .ordinary))
        #expect(again == (nil, true))
        #expect(gate.inFlight == 3)
        let places = (0...limits.discardingConnectionsMax).map { _ in gate.beginDiscarding() }
        #expect(places.filter { $0 }.count == limits.discardingConnectionsMax && places.last == false)
        gate.endDiscarding()
        let place = gate.beginDiscarding()
        #expect(place, "one has been returned")
        gate.drain()
        gate.leave(.reserved, entered: true, bodyBytes: 5)
        let late = gate.enter(.reserved)
        #expect(late == .draining)
    }
}
