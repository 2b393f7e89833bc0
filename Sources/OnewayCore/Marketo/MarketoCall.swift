/// One call to Marketo's REST API, complete except for the host and the token.
public struct MarketoCall: Hashable, Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    public enum Body: Hashable, Sendable {
        case none
        case json([UInt8])
        case form([UInt8])
    }

    public let name: MarketoCallName
    public let method: Method
    /// Begins with `/rest/v1/`; includes the query, if any.
    public let path: String
    public let body: Body
    /// Marketo's own timeout for it: it may be processed for that long, regardless of the answer we received.
    public let secondsMax: Int
    /// The number of records it carries, or asks for.
    public let records: Int

    /// Whether it may safely be sent twice. A write may not: while Marketo may still be processing the first one,
    /// nothing newer may be sent.
    public var isRepeatable: Bool { !name.isWrite }
}

/// The name of a call, for metrics and logs: no ids.
public enum MarketoCallName: String, Hashable, Sendable, CaseIterable {
    case companiesSync = "companies.sync"
    case companiesDelete = "companies.delete"
    case companiesDescribe = "companies.describe"
    case companiesFind = "companies.find"
    case opportunitiesSync = "opportunities.sync"
    case opportunitiesDelete = "opportunities.delete"
    case opportunitiesDescribe = "opportunities.describe"
    case opportunitiesFind = "opportunities.find"
    case rolesSync = "roles.sync"
    case rolesDelete = "roles.delete"
    case rolesDescribe = "roles.describe"
    case rolesFind = "roles.find"
    case salesPersonsSync = "salespersons.sync"
    case salesPersonsDescribe = "salespersons.describe"
    case salesPersonsFind = "salespersons.find"
    case leadsSync = "leads.sync"
    case leadsDescribe = "leads.describe"
    case leadsFind = "leads.find"
    case usage

    public var isWrite: Bool {
        switch self {
        case .companiesSync, .companiesDelete, .opportunitiesSync, .opportunitiesDelete, .rolesSync, .rolesDelete,
            .salesPersonsSync, .leadsSync:
            true
        default: false
        }
    }
}

extension RecordKind {
    /// Marketo's name for the records, and the names of the calls.
    var marketo: MarketoObject {
        switch self {
        case .company:
            MarketoObject(
                path: "companies",
                sync: .companiesSync,
                delete: .companiesDelete,
                describe: .companiesDescribe,
                find: .companiesFind
            )
        case .opportunity:
            MarketoObject(
                path: "opportunities",
                sync: .opportunitiesSync,
                delete: .opportunitiesDelete,
                describe: .opportunitiesDescribe,
                find: .opportunitiesFind
            )
        case .role:
            MarketoObject(
                path: "opportunities/roles",
                sync: .rolesSync,
                delete: .rolesDelete,
                describe: .rolesDescribe,
                find: .rolesFind
            )
        case .person:
            MarketoObject(
                path: "leads",
                sync: .leadsSync,
                delete: nil,
                describe: .leadsDescribe,
                find: .leadsFind
            )
        case .salesPerson:
            MarketoObject(
                path: "salespersons",
                sync: .salesPersonsSync,
                delete: nil,
                describe: .salesPersonsDescribe,
                find: .salesPersonsFind
            )
        }
    }
}

struct MarketoObject {
    let path: String
    let sync: MarketoCallName
    /// Nil: Oneway never deletes any.
    let delete: MarketoCallName?
    let describe, find: MarketoCallName
}
