/// A table, with the columns that this stand-in supports.
struct Table: Sendable {
    /// Who may write rows through the Web API.
    enum Writers: Sendable {
        /// Users of the forms; the API user lacks the privileges.
        case people
        case registration
        /// Only Dataverse itself: the Web API has no such methods.
        case nobody
    }

    let name: String
    let schemaName: String
    let set: String
    let label: String
    let typeCode: Int
    /// The primary name column.
    let nameColumn: String?
    let writers: Writers
    var tracksChanges: Bool
    private(set) var columns: [Column]
    private var byName: [String: Int] = [:]
    private var byProperty: [String: Int] = [:]

    init(
        _ name: String,
        _ schemaName: String,
        set: String? = nil,
        label: String? = nil,
        typeCode: Int,
        nameColumn: String? = "name",
        writers: Writers,
        tracksChanges: Bool = false,
        columns: [Column]
    ) {
        self.name = name
        self.schemaName = schemaName
        self.set = set ?? name + "s"
        self.label = label ?? schemaName
        self.typeCode = typeCode
        self.nameColumn = nameColumn
        self.writers = writers
        self.tracksChanges = tracksChanges
        let key = Column(name + "id", "\(schemaName) Id", .key).readOnly
        self.columns = []
        for column in [key] + columns + Self.everywhere { add(column) }
    }

    /// The name must be new.
    mutating func add(_ column: Column) {
        byName[column.name] = columns.count
        byProperty[column.property] = columns.count
        columns.append(column)
    }

    private static let everywhere = [
        Column("createdon", "Created On", .moment).readOnly,
        Column.lookup("createdby", "Created By", "systemuser").readOnly,
        Column("modifiedon", "Modified On", .moment).readOnly,
        Column.lookup("modifiedby", "Modified By", "systemuser").readOnly,
        Column("versionnumber", "Version Number", .bigint).readOnly,
    ]

    var key: String { name + "id" }

    func column(_ name: String) -> Column? { byName[name].map { columns[$0] } }

    /// The column for a property name in a query; nil also for a secret column.
    func property(_ name: String) -> Column? {
        byProperty[name].map { columns[$0] }.flatMap { $0.isSecret ? nil : $0 }
    }

    func navigation(_ name: String) -> (column: Column, table: String)? {
        for column in columns {
            for target in column.targets ?? [] where column.navigation(to: target) == name { return (column, target) }
        }
        return nil
    }

    /// For example `prvReadOpportunity`. The privileges for `systemuser` are named after `User`.
    func privilege(_ verb: String) -> String { "prv\(verb)\(name == "systemuser" ? "User" : schemaName)" }
}
