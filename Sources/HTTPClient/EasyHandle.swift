import CCurl

/// One of libcurl's easy handles: it runs one transfer at a time, and keeps its connections between them.
@safe final class EasyHandle: @unchecked Sendable {
    // @unchecked: the thread that took it off the transport's queue is the only one to have it until it is put back.
    private let handle: UnsafeMutableRawPointer
    private let says: UnsafeMutablePointer<CChar>
    private let userAgent: String

    static let connectSecondsMax = 10

    /// Done once per process.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

    init?(userAgent: String) {
        guard Self.isReady, let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        self.userAgent = userAgent
        unsafe says = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe says.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe says.deallocate()
    }

    /// Blocks until there is an answer, or none can arrive.
    func perform(_ request: HTTPRequest) -> HTTPOutcome {
        let transfer = Transfer(answerBytesMax: request.answerBytesMax)
        // Clears options, including secrets and pointers to memory that is freed by then; keeps connections.
        defer { unsafe curl_easy_reset(handle) }
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { unsafe curl_slist_free_all(headers) }
        for line in request.headers + ["Expect:"] { unsafe headers = curl_slist_append(headers, line) }

        let code = unsafe request.body.withUnsafeBytes { body in
            var options = unsafe Options(handle: handle)
            unsafe set(request, body, &options)
            unsafe options.set(CURLOPT_HTTPHEADER, headers)
            unsafe options.note(ccurl_on_write(handle, received, transfer.opaque))
            unsafe options.note(ccurl_on_ready(handle, connected, transfer.opaque))
            unsafe options.set(CURLOPT_ERRORBUFFER, says)
            if let failure = options.failure { return failure }
            return unsafe curl_easy_perform(handle)
        }
        return withExtendedLifetime(transfer) { answer(code, transfer, request) }
    }

    /// Certificates are checked unless the request says otherwise, and redirects are not followed.
    private func set(_ request: HTTPRequest, _ body: UnsafeRawBufferPointer, _ options: inout Options) {
        options.set(CURLOPT_URL, request.url)
        options.set(CURLOPT_PROTOCOLS_STR, request.url.hasPrefix("http:") ? "http" : "https")
        options.set(CURLOPT_USERAGENT, userAgent)
        options.set(CURLOPT_ACCEPT_ENCODING, "gzip")
        options.set(CURLOPT_NOSIGNAL, 1)
        options.set(CURLOPT_TCP_KEEPALIVE, 1)
        options.set(CURLOPT_TIMEOUT_MS, request.secondsMax * 1000)
        options.set(CURLOPT_CONNECTTIMEOUT_MS, min(request.secondsMax, Self.connectSecondsMax) * 1000)
        options.set(CURLOPT_FRESH_CONNECT, request.isRepeatable ? 0 : 1)
        switch request.trust {
        case .system: break
        case .authorities(let file): trust(file, &options)
        case .certificate(let file):
            trust(file, &options)
            options.set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if request.isDirect { options.set(CURLOPT_PROXY, "") }
        if request.method != .get {
            unsafe options.note(ccurl_set_body(handle, body.baseAddress, body.count))
            options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private func trust(_ file: String, _ options: inout Options) {
        options.set(CURLOPT_CAINFO, file)
        options.set(CURLOPT_CAPATH, nil as String?)
        // A replaced file takes effect with the next connection.
        options.set(CURLOPT_CA_CACHE_TIMEOUT, 0)
    }

    private func answer(_ code: CURLcode, _ transfer: Transfer, _ request: HTTPRequest) -> HTTPOutcome {
        let meaning = unsafe String(cString: curl_easy_strerror(code))
        if code == CURLE_OK {
            return unsafe .answered(HTTPAnswer(status: ccurl_status(handle), headers: headers, body: transfer.body))
        }
        guard transfer.hasBegun else {
            // They are about hosts, ports, and certificates; this part of curl does not know the path or the query.
            let details = unsafe String(cString: says)
            return .notSent(details.isEmpty ? meaning : "\(meaning): \(details)")
        }
        if transfer.isTooLong {
            return .unknown("the answer is larger than \(request.answerBytesMax) bytes", code: "too-long")
        }
        if code == CURLE_OPERATION_TIMEDOUT {
            return .unknown("no complete answer within \(request.secondsMax) seconds", code: "timeout")
        }
        return .unknown(meaning, code: "cut")
    }

    /// The headers of the last answer, without those of a proxy before it.
    private var headers: [HTTPHeader] {
        var headers: [HTTPHeader] = []
        var header = unsafe curl_easy_nextheader(handle, UInt32(CURLH_HEADER), -1, nil)
        while let found = unsafe header {
            unsafe headers.append(HTTPHeader(String(cString: found.pointee.name), String(cString: found.pointee.value)))
            unsafe header = curl_easy_nextheader(handle, UInt32(CURLH_HEADER), -1, found)
        }
        return headers
    }
}

/// Sets options and keeps the first failure.
@safe private struct Options {
    let handle: UnsafeMutableRawPointer
    private(set) var failure: CURLcode?

    init(handle: UnsafeMutableRawPointer) { unsafe self.handle = handle }

    mutating func note(_ code: CURLcode) {
        if code != CURLE_OK, failure == nil { failure = code }
    }

    mutating func set(_ option: CURLoption, _ value: Int) { unsafe note(ccurl_set_long(handle, option, value)) }

    mutating func set(_ option: CURLoption, _ text: String?) { unsafe note(ccurl_set_text(handle, option, text)) }

    mutating func set(_ option: CURLoption, _ memory: UnsafeMutableRawPointer?) {
        unsafe note(ccurl_set_memory(handle, option, memory))
    }
}

/// The data that the callbacks of one transfer collect. They run inside `curl_easy_perform`, on its thread.
private final class Transfer {
    let answerBytesMax: Int
    var body: [UInt8] = []
    var isTooLong = false
    /// From here on some of the request may have been sent.
    var hasBegun = false

    init(answerBytesMax: Int) { self.answerBytesMax = answerBytesMax }

    var opaque: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}

private func connected(
    _ context: UnsafeMutableRawPointer?,
    _: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32
) -> Int32 {
    unsafe Transfer.from(context)?.hasBegun = true
    return CURL_PREREQFUNC_OK
}

/// Taking less than was offered ends the transfer.
private func received(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe Transfer.from(context) else { return 0 }
    let offered = size * count
    guard transfer.body.count + offered <= transfer.answerBytesMax else {
        transfer.isTooLong = true
        return 0
    }
    unsafe transfer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: offered))
    return offered
}
