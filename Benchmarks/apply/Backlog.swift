import OnewayCore
import Store

/// A store with many unapplied notifications of 1 KB: three of four name an opportunity for the first time, the fourth
/// names an earlier one.
struct Backlog {
    let path: String

    private static let callers = 256

    func fill(_ rows: Int) async throws {
        let store = try SQLiteStore(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    for number in stride(from: caller, to: rows, by: Self.callers) {
                        let entry = Self.entry(number)
                        _ = try await store.append(entry, now: Timestamp(milliseconds: Main.milliseconds))
                    }
                }
            }
            try await group.waitForAll()
        }
        print("filled with \(try await store.status().unapplied) notifications of \(Self.body(0).count) bytes")
        await store.close()
    }

    private static func entry(_ number: Int) -> InboxEntry {
        let body = body(number)
        let identity = NotificationIdentity(body: body, envelope: nil).bytes
        let id = GUID(high: opportunity(number), low: low)
        return InboxEntry(
            identity: identity,
            InboxLabels(
                .accepted,
                message: "Update",
                entity: "opportunity",
                record: id,
                opportunity: id
            ),
            body: body
        )
    }

    private static let low: UInt64 = 0xa72f_6045_bd90_5a01

    /// New ones have ascending ids, like those that Dynamics generates; repeated ones are spread over all.
    private static func opportunity(_ number: Int) -> UInt64 {
        let record = number % 4 == 3 ? number &* 7_919 % number : number
        return UInt64(0x1000_0000 + record) << 32 | 0x71b4_ef11
    }

    private static func body(_ number: Int) -> [UInt8] {
        let (id, contact) = (GUID(high: opportunity(number), low: low), GUID(high: UInt64(number % 5_000), low: 1))
        let second = 1_772_443_800 + number
        let operation = GUID(high: UInt64(number), low: 2)
        return Array(
            """
            {"Depth":1,"InitiatingUserId":"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d","InputParameters":[{"key":"Target",\
            "value":{"__type":"Entity:http:\\/\\/schemas.microsoft.com\\/xrm\\/2011\\/Contracts","Attributes":[\
            {"key":"name","value":"Quay lighting \(number)"},{"key":"estimatedvalue","value":{"__type":\
            "Money:http:\\/\\/schemas.microsoft.com\\/xrm\\/2011\\/Contracts","Value":\(number).0000}},\
            {"key":"parentcontactid","value":{"__type":\
            "EntityReference:http:\\/\\/schemas.microsoft.com\\/xrm\\/2011\\/Contracts","Id":"\(contact)",\
            "LogicalName":"contact"}},{"key":"modifiedon","value":"\\/Date(\(second)000)\\/"}],"Id":"\(id)",\
            "LogicalName":"opportunity"}}],"MessageName":"Update","OperationCreatedOn":"\\/Date(\(second)000+0000)\\/",\
            "OperationId":"\(operation)","OrganizationId":"5b1f7c0e-9a44-4d6f-8c53-2f1be07d6a10",\
            "PrimaryEntityId":"\(id)","PrimaryEntityName":"opportunity","Stage":40,\
            "UserId":"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d"}
            """.utf8
        )
    }
}
