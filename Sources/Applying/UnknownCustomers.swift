import OnewayCore
package import Store

/// R4 needs the account of a customer who is a contact. Without a connection to Dynamics, only a notification of the
/// contact contains it.
package struct UnknownCustomers: Sendable {
    /// Of so many opportunities, so that it stays quick.
    private static let recordsRead = 500

    /// The number of customers who are contacts whose account is not known.
    package let count: Int
    /// There are more opportunities than were looked at.
    package let isCutOff: Bool

    package init(in store: any StoreQueries) async throws(StoreError) {
        let opportunities = try await store.records(of: .opportunity, after: nil, limit: Self.recordsRead + 1)
        let customers = Set(
            opportunities.prefix(Self.recordsRead).compactMap { record -> RecordKey? in
                guard !record.isDeleted, case .reference(entity: "contact", let contact) = record["customerid"] else {
                    return nil
                }
                return RecordKey(.contact, contact)
            }
        )
        let contacts = try await store.records(Array(customers))
        count = customers.count { contacts[$0]?["parentcustomerid"] == nil }
        isCutOff = opportunities.count > Self.recordsRead
    }

    /// `at least 2 customers are contacts whose account is not known`; nil if none is known to be one.
    package var says: String? {
        if count == 0 { return nil }
        let customers = Wording.count(count, "customer is a contact", "customers are contacts")
        return "\(isCutOff ? "at least " : "")\(customers) whose account is not known"
    }
}
