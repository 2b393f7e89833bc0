import OnewayCore

/// Our own listener, asked over TLS. It is known by the certificate in its file, whatever name that is for, because it is
/// asked by its address; who has not the key to that certificate is somebody else.
public enum OwnListener {
    public struct Stranger: Error { public let says: String }

    public static func get(_ url: String, certificate: String) async throws(Stranger) -> [UInt8] {
        var request = WireRequest(
            method: .get,
            url: url,
            headers: [],
            body: [],
            secondsMax: 5,
            certificateAuthority: certificate,
            isRepeatable: true
        )
        request.isToOurselves = true
        switch await CurlTransport(threads: 1).send(request) {
        case .answered(_, let body): return body
        case .notSent(let says), .unknown(let says, _): throw Stranger(says: says)
        }
    }
}
