import CLZ4

/// A body as the store keeps it: LZ4 where that is smaller, otherwise as received, and then `plainBytes` is 0.
struct PackedBody: Equatable, Sendable {
    let plainBytes: Int
    let bytes: [UInt8]

    init(plainBytes: Int, bytes: [UInt8]) {
        self.plainBytes = plainBytes
        self.bytes = bytes
    }

    init(packing body: [UInt8]) {
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: body.count) { room, count in
            // A result of 0 means that it does not fit: it would not be smaller.
            count = unsafe body.withUnsafeBytes { plain in
                unsafe Int(
                    LZ4_compress_default(plain.baseAddress, room.baseAddress, Int32(plain.count), Int32(room.count))
                )
            }
        }
        self.init(plainBytes: packed.isEmpty ? 0 : body.count, bytes: packed.isEmpty ? body : packed)
    }

    func unpacked() throws(StoreError) -> [UInt8] {
        guard plainBytes > 0 else { return bytes }
        let body = unsafe [UInt8](unsafeUninitializedCapacity: plainBytes) { room, count in
            let written = unsafe bytes.withUnsafeBytes { packed in
                unsafe LZ4_decompress_safe(
                    packed.baseAddress,
                    room.baseAddress,
                    Int32(packed.count),
                    Int32(room.count)
                )
            }
            count = max(0, Int(written))
        }
        guard body.count == plainBytes else { throw StoreError(.corrupt, "a stored body cannot be unpacked") }
        return body
    }
}
