public import Telemetry

/// Everything an operator can set. The type and meaning of each setting are defined once, in `Schema`.
public struct Configuration: Sendable, Equatable {
    public var `public` = Public()
    public var admin = Admin()
    public var store = Store.sqlite(path: "oneway.db")
    public var dynamics = Dynamics()
    public var marketo = Marketo()
    public var rules = Rules()
    /// Nil is the default mapping.
    public var fields: [FieldMapping]?
    public var inbox = Inbox()
    public var history = History()
    public var limits = Limits()
    public var alerts = Alerts()
    public var log = Logging()

    public init() {}

    public struct Public: Sendable, Equatable {
        public var address = IPAddress.everywhere
        public var port = 8080
        public var tls: TLS?
    }

    /// Two PEM files.
    public struct TLS: Sendable, Equatable, Section {
        public var certificate = ""
        public var key = ""
    }

    public struct Admin: Sendable, Equatable {
        public var address = IPAddress.loopback
        public var port = 8081
        public var token: Secret?
        public var hosts: [String] = []
    }

    public enum Store: Sendable, Equatable {
        case sqlite(path: String)
        /// The whole connection address, because it may hold a password.
        case postgreSQL(Secret)
        case memory
    }

    public struct Dynamics: Sendable, Equatable {
        public var keys: [Secret] = []
        /// By lower-case name.
        public var headers: [String: [Secret]] = [:]
        public var query: [String: [Secret]] = [:]
        public var anonymous = false
        /// Lower case; GUIDs with dashes.
        public var organizations: [String] = []
        /// GUIDs, lower case with dashes.
        public var marketoUsers: [String] = []
        public var webApi: WebApi?
        /// 0: never by itself.
        public var reconcileEveryMinutes = 60
    }

    public struct WebApi: Sendable, Equatable, Section {
        /// Without `/api/data`, or a slash at the end.
        public var url = ""
        /// Either this, for Microsoft's public cloud, or `tokenUrl`. Empty: not given.
        public var tenant = ""
        public var tokenUrl = ""
        public var clientId = ""
        public var clientSecret = Secret("")
        public var concurrentRequests = 4
        public var requestsPer5Minutes = 3000
    }

    public struct Marketo: Sendable, Equatable {
        /// Without `/rest`, `/identity`, or a slash at the end. Empty: not connected.
        public var endpoint = ""
        public var clientId = ""
        public var clientSecret = Secret("")
        public var certificateAuthority: String?
        public var callsPer20Seconds = 50
        public var concurrentCalls = 5
        public var callsPerDay = 50_000
        public var flushAfterMilliseconds = 1000
        public var lead = Lead()
        /// Whether the owner of an opportunity is its sales person in Marketo.
        public var salesPersons = false

        public var isConnected: Bool { !endpoint.isEmpty }
    }

    /// How a contact is found among Marketo's leads.
    public struct Lead: Sendable, Equatable {
        public var field = "externalPersonId"
        public var value = "contactid"
        public var create = false
        /// The partition for created leads; nil if Marketo has only one.
        public var partition: String?
    }

    public struct Rules: Sendable, Equatable {
        public var customerRole = "Customer"
        public var stakeholderRole = "Stakeholder"
        /// By the GUID of the connection role.
        public var roleNames: [String: String] = [:]
        public var amount = Amount()
        public var onDelete = OnDelete.delete
        public var syncWhen: SyncWhen?
        public var onNoLongerMatching = OnNoLongerMatching.keep
        public var linkPeopleToCompany = false
        /// Nil: none.
        public var roleForFormContact: String?
    }

    public struct Amount: Sendable, Equatable {
        public var open = "estimatedvalue"
        public var won = "actualvalue"
    }

    public enum OnDelete: String, Sendable, CaseIterable { case delete, keep }
    public enum OnNoLongerMatching: String, Sendable, CaseIterable { case keep, withdraw }

    public struct SyncWhen: Sendable, Equatable, Section {
        public var attribute = ""
        public var equals = Literal.yesNo(true)
    }

    /// The one setting whose type is the operator's choice: the value that an attribute is compared with.
    public enum Literal: Sendable, Equatable {
        case yesNo(Bool)
        case number(String)
        case text(String)
    }

    public struct Inbox: Sendable, Equatable {
        public var keepDays = 14
        public var sizeMegabytesMax = 4096
    }

    public struct History: Sendable, Equatable {
        public var keepDays = 30
    }

    public struct Limits: Sendable, Equatable {
        public var bodyBytesMax = 4_194_304
        public var bodiesInMemoryMegabytesMax = 32
        public var jsonDepthMax = 64
        public var connectionsMax = 2048
        public var requestsInFlightMax = 512
        public var requestSecondsMax = 30
        public var drainSecondsMax = 20
        public var diskFreeMegabytesMin = 256
    }

    public struct Alerts: Sendable, Equatable {
        /// A secret: whoever knows the address of a channel may post there. Nil: nothing is posted.
        public var url: Secret?
        public var format = AlertFormat.json
    }

    public enum AlertFormat: String, Sendable, CaseIterable { case json, slack, teams }

    public struct Logging: Sendable, Equatable {
        public var level = Log.Level.info
        /// Nil is text on a terminal, JSON elsewhere.
        public var format: Log.Format?
    }
}

/// A part that exists as soon as one of its keys is given.
protocol Section { init() }

extension Optional where Wrapped: Section {
    var made: Wrapped {
        get { self ?? Wrapped() }
        set { self = newValue }
    }
}
