import OnewayCore

/// The whole stand-in as a value: its records, tokens, and limits, the faults to come, and the calls so far. The server
/// keeps it behind a lock.
struct Instance: Sendable {
    var book = MarketoBook()
    var tokens: Tokens
    var throttle: Throttle
    var faults = Faults<Fault>()
    var mode = Mode.normal
    var measured = Measured()
    var history = History()
    let options: SandboxOptions

    init(_ options: SandboxOptions) {
        self.options = options
        tokens = Tokens(lifeSeconds: options.tokenSeconds)
        throttle = Throttle(options.limits)
        book.makesUpLeads = options.autoLeads
    }

    /// Resets everything but the limits; clients need a new token.
    mutating func reset() {
        let makesUpLeads = book.makesUpLeads
        book = MarketoBook()
        book.makesUpLeads = makesUpLeads
        tokens = Tokens(lifeSeconds: options.tokenSeconds)
        throttle = Throttle(throttle.limits)
        faults.clear()
        mode = .normal
        measured.reset()
        history = History()
    }

    /// Executes a call as far as it is allowed. `finish` must follow when the answer is sent.
    mutating func begin(_ call: RESTCall, now: Timestamp) -> (number: Int, answer: Answer) {
        let isToken = call.path == Call.tokenPath
        let number = measured.begin(call.method, call.path, records: call.recordCount, now: now)
        if mode == .down { return (number, Answer(.cut)) }
        if !isToken {
            if let failure = tokens.refusal(of: call.token, now: now)
                ?? throttle.refusal(inFlight: measured.inFlight, now: now)
            {
                return (number, Answer(failed: failure))
            }
        }
        let fault = faults.next((call.method, call.path)) ?? Fault(.none)
        var answer = instead(of: fault) ?? (isToken ? token(call, now: now) : execute(call, number, fault, now: now))
        answer.delaySeconds = fault.delaySeconds
        answer.codesAreNumbers = fault.codesAreNumbers
        return (number, spoiled(answer, by: fault))
    }

    mutating func finish(_ number: Int, _ call: RESTCall, _ answer: Answer, now: Timestamp) {
        measured.end(
            number,
            isToken: call.path == Call.tokenPath,
            status: answer.isCut ? nil : answer.status,
            codes: answer.codes,
            now: now
        )
    }

    /// A call that was refused before it could be read.
    mutating func refused(_ call: RESTCall, _ code: String, _ status: Int, now: Timestamp) {
        let number = measured.begin(call.method, call.path, records: 0, now: now)
        finish(number, call, Answer(.failed([MarketoFailure(code)]), status: status), now: now)
    }

    /// The answer of a fault that keeps a call from being executed.
    private func instead(of fault: Fault) -> Answer? {
        switch fault.kind {
        case .error(let code): Answer(failed: MarketoFailure(code))
        case .status(let status):
            Answer(
                .raw(Array("<html><body><h1>\(status)</h1></body></html>\n".utf8), type: "text/html"),
                status: status
            )
        case .cutBefore: Answer(.cut)
        default: nil
        }
    }

    private func spoiled(_ answer: Answer, by fault: Fault) -> Answer {
        var spoiled = answer
        switch fault.kind {
        case .cutAfter: spoiled.content = .cut
        case .garbage:
            spoiled.content = .raw(Array("{\"requestId\":\"".utf8) + [0xff, 0x00, 0x7b], type: "application/json")
        case .short(let count): spoiled.short = count
        case .record(_, _, let inErrors): spoiled.isCodeInErrors = inErrors
        default: break
        }
        return spoiled
    }
}
