import OnewayCore

/// The whole stand-in as a value: its rows, tokens, limits, and privileges, the faults to come, and the calls so far. The
/// server keeps it behind a lock.
struct DataverseInstance: Sendable {
    var book: DataverseBook
    var tokens: Tokens
    var protection: ServiceProtection
    var privileges = Privileges()
    var faults = Faults<DataverseFault>()
    var webhookFaults = Faults<WebhookFault>()
    var measured = Measured()
    var deliveries = DeliveryQueue()
    let options: DataverseOptions

    init(_ options: DataverseOptions, now: Timestamp) {
        self.options = options
        tokens = Tokens(lifeSeconds: options.tokenSeconds)
        protection = ServiceProtection(options.limits)
        book = Company.book(options, now: now)
    }

    /// Resets everything but the limits, registrations included; clients need a new token.
    mutating func reset(now: Timestamp) {
        book = Company.book(options, now: now)
        tokens = Tokens(lifeSeconds: options.tokenSeconds)
        protection = ServiceProtection(protection.limits)
        privileges = Privileges()
        clearFaults()
        measured.reset()
        deliveries.reset()
    }

    mutating func clearFaults() {
        faults.clear()
        webhookFaults.clear()
        deliveries.release()
    }

    /// Executes a call as far as it is allowed. `finish` must follow when the answer is sent.
    mutating func begin(_ given: WebRequest, now: Timestamp) -> (number: Int, answer: WebAnswer) {
        var request = given
        request.preferences.limit(pageSize: options.rowsPerPageMax)
        let path = request.resource.pattern
        let number = measured.begin(request.method, path, records: 0, now: now)
        if request.resource != .token {
            if tokens.refusal(of: request.token, now: now) != nil { return (number, unauthorized) }
            if let error = protection.refusal(inFlight: measured.inFlight, now: now) {
                return (number, limited(WebAnswer(error), now: now))
            }
        }
        let fault = faults.next((request.method, path)) ?? DataverseFault(.none)
        var answer = fault.instead ?? execute(request, now: now)
        if request.resource != .token { answer = limited(answer, now: now) }
        switch fault.kind {
        case .cutAfter: answer.content = .cut
        case .garbage:
            answer = WebAnswer(.raw(Array("{\"value\":".utf8) + [0xff, 0x00, 0x7b], type: "application/json"))
        default: break
        }
        answer.delaySeconds = fault.delaySeconds
        return (number, answer)
    }

    mutating func finish(_ number: Int, _ request: WebRequest, _ answer: WebAnswer, began: Timestamp, now: Timestamp) {
        let isToken = request.resource == .token
        if !isToken { protection.ended(began: began, now: now) }
        measured.end(
            number,
            isToken: isToken,
            status: answer.isCut ? nil : answer.status,
            codes: answer.code.map { [$0] } ?? [],
            now: now
        )
    }

    private mutating func limited(_ answer: WebAnswer, now: Timestamp) -> WebAnswer {
        var answer = answer
        answer.headers += protection.headers(now: now)
        return answer
    }

    /// The header says where to get a token; there is no body.
    private var unauthorized: WebAnswer {
        let resource = "https://\(options.organizationHost)/"
        return WebAnswer(
            .none,
            status: 401,
            headers: [
                (
                    "WWW-Authenticate",
                    "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize, "
                        + "resource_id=\(resource)"
                )
            ]
        )
    }

    private mutating func execute(_ request: WebRequest, now: Timestamp) -> WebAnswer {
        do throws(DataverseError) {
            if request.resource == .token { return token(request, now: now) }
            if request.method == "GET" {
                return try WebReader(
                    book: book,
                    privileges: privileges,
                    user: Company.applicationUser,
                    request: request,
                    now: now
                ).answer()
            }
            // Writes to a copy, which is kept only if the whole request is valid.
            var writer = WebWriter(
                book: book,
                privileges: privileges,
                user: Company.applicationUser,
                request: request,
                now: now
            )
            let answer = try writer.answer()
            book = writer.book
            return answer
        } catch {
            return WebAnswer(error)
        }
    }
}
