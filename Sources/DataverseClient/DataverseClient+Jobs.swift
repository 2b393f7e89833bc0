package import OnewayCore

extension DataverseClient {
    /// Those of these records of which a notification could not be delivered since then, as the failed system jobs say: one
    /// request for sixty.
    package func undelivered(_ ids: [GUID], since: Timestamp) async -> DataverseOutcome<(ids: Set<GUID>, requests: Int)>
    {
        var (found, requests) = (Set<GUID>(), 0)
        let ids = Set(ids).sorted()
        for start in stride(from: 0, to: ids.count, by: Self.endsPerRequest) {
            let part = ids[start..<min(start + Self.endsPerRequest, ids.count)]
            let regarding = part.map { "_regardingobjectid_value eq \($0)" }.joined(separator: " or ")
            let filter = "statuscode eq 31 and createdon ge \(Timestamp(second: since.second)) and (\(regarding))"
            let path = "asyncoperations?$select=_regardingobjectid_value&$filter=\(PercentEncoding.encoded(filter))"
            let request = DataverseRequest.get(path, table: "asyncoperation", prefer: ["odata.maxpagesize=5000"])
            let outcome = await read(request) { _, root -> [GUID]? in
                guard let value = root["value"], value.isArray else { return nil }
                return value.elements.compactMap { $0["_regardingobjectid_value"]?.string.flatMap { GUID($0) } }
            }
            switch outcome {
            case .failure(let failure): return .failure(failure)
            case .success(let some): found.formUnion(some)
            }
            requests += 1
        }
        return .success((found, requests))
    }
}
