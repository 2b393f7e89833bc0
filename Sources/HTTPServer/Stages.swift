import CMicroHTTPD
import Synchronization
import Threads

/// The stages of an exchange, on libmicrohttpd's thread of its connection.
extension HTTPServer {
    func headCame(_ exchange: Exchange, _ reader: HeadReader, _ method: String, _ handle: OpaquePointer) -> MHD_Result {
        let target = exchange.target
        let question = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let head = RequestHead(
            id: RequestID.of(reader.headers),
            method: method,
            path: String(decoding: target[..<question], as: UTF8.self),
            query: String(decoding: target[question...].dropFirst(), as: UTF8.self),
            headers: reader.headers,
            contentLength: reader.check.contentLength,
            peer: exchange.connection.peer
        )
        exchange.head = head
        exchange.connection.enter(deadline: monotonicSeconds() + limits.requestSecondsMax, exchange: nil)
        if let complaint = reader.check.complaint {
            _ = exchange.shared.withLock { $0.state.refusedAtHead(.malformed(complaint)) }
            return unsafe queue(responder.refuse(.malformed(complaint), head), exchange, handle, closing: true)
        }
        let admission = responder.admit(head)
        switch admission {
        case .answer(let response): exchange.given = response
        case .receive(_, let lane): exchange.lane = lane
        }
        let draining = gate.withLock { $0.isDraining }
        let action = exchange.shared.withLock {
            $0.state.admitted(
                admission,
                contentLength: head.contentLength,
                draining: draining,
                discard: { beginDiscarding(exchange, head) }
            )
        }
        guard case .answer(let outcome) = action else {
            if !exchange.isDiscarding { exchange.body.reserveCapacity(min(head.contentLength ?? 0, 64 << 10)) }
            return .YES
        }
        return unsafe queue(response(for: outcome, exchange), exchange, handle, closing: draining)
    }

    /// Returns how much may be read and dropped; nil when the sender waits for `100 Continue`, when the body is larger
    /// than that, or when no place is left.
    private func beginDiscarding(_ exchange: Exchange, _ head: RequestHead) -> Int? {
        if head.headers["Expect"]?.lowercased() == "100-continue" { return nil }
        if let length = head.contentLength, length > limits.discardedBytesMax { return nil }
        exchange.isDiscarding = gate.withLock { $0.beginDiscarding() }
        return exchange.isDiscarding ? limits.discardedBytesMax : nil
    }

    func pieceCame(_ exchange: Exchange, _ bytes: UnsafeBufferPointer<UInt8>) -> MHD_Result {
        // A body that is dropped needs no room, and must take none from bodies that are needed.
        let held = !exchange.isDiscarding && gate.withLock { $0.hold(bodyBytes: bytes.count, exchange.lane) }
        let action = exchange.shared.withLock {
            $0.state.piece(bytes: bytes.count, collected: exchange.body.count, held: held)
        }
        if held { exchange.heldBytes += bytes.count }
        exchange.bodyBytes += bytes.count
        switch action {
        case .keep: unsafe exchange.body.append(contentsOf: bytes)
        case .drop: forgetBody(of: exchange)
        case .cut: return .NO
        }
        return .YES
    }

    func endCame(_ exchange: Exchange, _ handle: OpaquePointer) -> MHD_Result {
        if let response = exchange.shared.withLock({ $0.state.woken() ? $0.response.take() : nil }) {
            return unsafe queue(response, exchange, handle, closing: gate.withLock { $0.isDraining })
        }
        // In one step: once draining has begun, nothing is suspended any more.
        let action = gate.withLock { gate in
            let action = exchange.shared.withLock { $0.state.ended { gate.enter($0) } }
            if case .handle = action { unsafe MHD_suspend_connection(handle) }
            return action
        }
        switch action {
        case .handle:
            exchange.entered = true
            exchange.connection.enter(deadline: monotonicSeconds() + limits.requestSecondsMax, exchange: exchange)
            hand(over: exchange)
            return .YES
        case .answer(let outcome):
            return unsafe queue(
                response(for: outcome, exchange),
                exchange,
                handle,
                closing: gate.withLock { $0.isDraining }
            )
        case .cut: return .NO
        }
    }

    func completed(_ exchange: Exchange, delivered: Bool) {
        exchange.connection.enter(deadline: monotonicSeconds() + limits.idleSecondsMax, exchange: nil)
        leave(exchange)
        unfinishedCount.subtract(1, ordering: .relaxed)
        guard let head = exchange.head else { return }
        responder.served(
            Served(
                head: head,
                status: delivered ? exchange.status : nil,
                bodyBytes: exchange.bodyBytes,
                seconds: monotonicSeconds() - exchange.started
            )
        )
    }

    private func forgetBody(of exchange: Exchange) {
        exchange.body = []
        gate.withLock { $0.leave(exchange.lane, entered: false, bodyBytes: exchange.heldBytes) }
        exchange.heldBytes = 0
    }

    private func response(for outcome: ExchangeState.Outcome, _ exchange: Exchange) -> Response {
        switch outcome {
        case .refuse(let refusal): responder.refuse(refusal, exchange.headOrUnknown)
        // It was admitted with an answer, so there is one; if not, cutting is better than making one up.
        case .given: exchange.given ?? .cut
        }
    }

    private func queue(
        _ response: Response,
        _ exchange: Exchange,
        _ handle: OpaquePointer,
        closing: Bool
    ) -> MHD_Result {
        if response.isCut { return .NO }
        exchange.status = response.status
        exchange.connection.enter(deadline: monotonicSeconds() + limits.requestSecondsMax, exchange: nil)
        let made = unsafe response.body.withUnsafeBytes { bytes in
            unsafe MHD_create_response_from_buffer(
                bytes.count,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                .RESPMEM_MUST_COPY
            )
        }
        guard let made = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(made) }
        for header in response.headers { unsafe MHD_add_response_header(made, header.name, header.value) }
        unsafe MHD_add_response_header(made, "x-request-id", exchange.headOrUnknown.id)
        if closing { unsafe MHD_add_response_header(made, "Connection", "close") }
        return unsafe MHD_queue_response(handle, UInt32(response.status), made)
    }
}
