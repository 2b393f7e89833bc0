import HTTPServer
import OnewayCore
import Threads

/// The HTTP side: requests in, answers out, and delays.
struct DataverseListener: Responder {
    let instance: Locked<DataverseInstance>
    let control: DataverseControl
    let delays: Delays
    let url: String?
    let datesAnswers: Bool
    let now: @Sendable () -> Timestamp

    /// Dataverse accepts larger bodies for files, which are not supported here.
    static let targetBytesMax = 32 << 10
    static let bodyBytesMax = 1 << 20

    func admit(_ head: RequestHead) -> Admission {
        if head.path.utf8.count + head.query.utf8.count >= Self.targetBytesMax {
            return .answer(refused(head, DataverseError(414, "", "Request URI Too Long")))
        }
        return .receive(bodyBytesMax: Self.bodyBytesMax, lane: isControl(head) ? .reserved : .ordinary)
    }

    func respond(to request: Request) async -> Response {
        if isControl(request.head) { return await control.answer(request) }
        let call = WebRequest(request, url: url)
        let (began, round) = (now(), delays.round)
        var (number, answer) = instance.withLock { $0.begin(call, now: began) }
        if answer.delaySeconds > 0 { await delays.wait(seconds: answer.delaySeconds, since: round) }
        instance.withLock { $0.finish(number, call, answer, began: began, now: now()) }
        if datesAnswers { answer.headers.append(("Date", httpDate(now()))) }
        return answer.response
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        switch refusal {
        case .malformed(let what): refused(head, DataverseError(400, "", what))
        case .tooLarge: refused(head, DataverseError(413, "0x0", "Request Entity Too Large"))
        // Too slow, or too many requests at once for this stand-in.
        case .overloaded, .draining, .timedOut: WebAnswer(DataverseError(503, "", "Service Unavailable")).response
        }
    }

    func served(_: Served) {}
    func libraryLog(_: String) {}

    private func isControl(_ head: RequestHead) -> Bool { head.path == "/sandbox" || head.path.hasPrefix("/sandbox/") }

    /// Records the call like any other, though it is not executed.
    private func refused(_ head: RequestHead, _ error: DataverseError) -> Response {
        let answer = WebAnswer(error)
        if !isControl(head) {
            let call = WebRequest(Request(head: head, body: []), url: url)
            instance.withLock { instance in
                let number = instance.measured.begin(call.method, call.resource.pattern, records: 0, now: now())
                instance.finish(number, call, answer, began: now(), now: now())
            }
        }
        return answer.response
    }
}

/// Such as `Mon, 30 Nov 2026 08:15:00 GMT`.
func httpDate(_ time: Timestamp) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    // Its description is of the form 2026-11-30T08:15:00Z.
    let text = "\(Timestamp(second: time.second))"
    let (date, clock) = (text.prefix(10).split(separator: "-"), text.dropFirst(11).prefix(8))
    let (day, month) = (days[Int((time.second / 86_400 + 4) % 7)], months[(Int(date[1]) ?? 1) - 1])
    return "\(day), \(date[2]) \(month) \(date[0]) \(clock) GMT"
}
