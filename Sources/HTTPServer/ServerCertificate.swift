import CMicroHTTPD
import Glibc
import Threads

/// The certificate and key a server shows, from two PEM files. They can be read again while the server runs.
public final class ServerCertificate: Sendable {
    private let current: Locked<LoadedCertificate>

    public init(certificateFile: String, keyFile: String) throws(HTTPServerError) {
        current = Locked(try LoadedCertificate(certificateFile: certificateFile, keyFile: keyFile))
    }

    /// New connections get the certificate that these files contain now; if that is unusable, the old one stays.
    public func reload(certificateFile: String, keyFile: String) throws(HTTPServerError) {
        let fresh = try LoadedCertificate(certificateFile: certificateFile, keyFile: keyFile)
        current.withLock { $0 = fresh }
    }

    var loaded: LoadedCertificate { current.withLock { $0 } }
}

/// A certificate and its key, as the TLS library keeps them. Immutable, and alive as long as a connection that shows
/// it.
@safe final class LoadedCertificate: @unchecked Sendable {
    // @unchecked: written in `init`, read by handshakes, freed when the last user has gone.
    let chain: UnsafeMutablePointer<gnutls_pcert_st>
    private(set) var count: UInt32 = 8
    private(set) var key: gnutls_privkey_t?

    init(certificateFile: String, keyFile: String) throws(HTTPServerError) {
        unsafe chain = .allocate(capacity: 8)
        unsafe chain.initialize(repeating: gnutls_pcert_st(), count: 8)
        let certificate = try Self.contents(certificateFile)
        let secret = try Self.contents(keyFile)
        let failure = unsafe certificate.withDatum { certificate in
            unsafe secret.withDatum { secret in unsafe load(&certificate, &secret, certificateFile, keyFile) }
        }
        if let failure { throw failure }
    }

    deinit {
        for index in 0..<Int(count) { unsafe gnutls_pcert_deinit(chain + index) }
        unsafe chain.deallocate()
        unsafe gnutls_privkey_deinit(key)
    }

    private func load(
        _ certificate: inout gnutls_datum_t,
        _ secret: inout gnutls_datum_t,
        _ certificateFile: String,
        _ keyFile: String
    ) -> HTTPServerError? {
        if let failure = unsafe mismatch(&certificate, &secret) {
            count = 0
            return HTTPServerError(
                says: "\(certificateFile) and \(keyFile) are not a certificate and its key: \(failure)"
            )
        }
        var code = unsafe gnutls_pcert_list_import_x509_raw(chain, &count, &certificate, GNUTLS_X509_FMT_PEM, 0)
        if code < 0 {
            count = 0
            return HTTPServerError(
                says: "\(certificateFile) cannot be used: \(unsafe String(cString: gnutls_strerror(code)))"
            )
        }
        unsafe gnutls_privkey_init(&key)
        code = unsafe gnutls_privkey_import_x509_raw(key, &secret, GNUTLS_X509_FMT_PEM, nil, 0)
        return code < 0
            ? HTTPServerError(says: "\(keyFile) cannot be used: \(unsafe String(cString: gnutls_strerror(code)))") : nil
    }

    /// The library checks that they match only when both are put into one set of credentials.
    private func mismatch(_ certificate: inout gnutls_datum_t, _ secret: inout gnutls_datum_t) -> String? {
        var credentials: gnutls_certificate_credentials_t?
        unsafe gnutls_certificate_allocate_credentials(&credentials)
        defer { unsafe gnutls_certificate_free_credentials(credentials) }
        let code = unsafe gnutls_certificate_set_x509_key_mem(credentials, &certificate, &secret, GNUTLS_X509_FMT_PEM)
        return code < 0 ? unsafe String(cString: gnutls_strerror(code)) : nil
    }

    private static func contents(_ path: String) throws(HTTPServerError) -> [UInt8] {
        guard let file = unsafe fopen(path, "r") else {
            throw HTTPServerError(says: "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
        }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}

extension [UInt8] {
    fileprivate func withDatum<Result>(_ body: (inout gnutls_datum_t) -> Result) -> Result {
        var copy = self
        return unsafe copy.withUnsafeMutableBufferPointer { bytes in
            var datum = unsafe gnutls_datum_t(data: bytes.baseAddress, size: UInt32(bytes.count))
            return unsafe body(&datum)
        }
    }
}

/// Called for each handshake on the library's thread.
func certificateWanted(
    _ session: gnutls_session_t?,
    _: UnsafePointer<gnutls_datum_t>?,
    _: Int32,
    _: UnsafePointer<gnutls_pk_algorithm_t>?,
    _: Int32,
    _ chain: UnsafeMutablePointer<UnsafeMutablePointer<gnutls_pcert_st>?>?,
    _ count: UnsafeMutablePointer<UInt32>?,
    _ key: UnsafeMutablePointer<gnutls_privkey_t?>?
) -> Int32 {
    guard let handle = unsafe cmhd_connection_of(session), let opaque = unsafe cmhd_connection_context(handle),
        let shown = unsafe Unmanaged<Connection>.fromOpaque(opaque).takeUnretainedValue().certificate
    else { return -1 }
    unsafe chain?.pointee = shown.chain
    unsafe count?.pointee = shown.count
    unsafe key?.pointee = shown.key
    return 0
}
