import OnewayCore
import Store

// The replicas that share a database, on the status page of each of them.
extension Pages {
    func replicas(_ shared: StoreReplicas, _ now: Timestamp) -> HTML {
        if shared.list.isEmpty { return .nothing }
        let rows = shared.list.map { replica -> [HTML] in
            [
                "\(replica.name)", "\(replica.version)", "\(replica.role.rawValue)",
                .time(replica.leadsSince ?? replica.startedAt, now), .time(replica.heardAt, now),
            ]
        }
        let answers = shared.answeredInMilliseconds.map { " The database answers this replica within \($0) ms." }
        return .section(
            "replicas",
            "Replicas",
            .table(
                "Replicas that share the database",
                ["Replica", "Version", "Role", "In this role since", "Last heard of"],
                rows
            ),
            .tag(
                "p",
                ["class": "quiet"],
                "The leader applies and forwards. Hand-overs so far: \(Wording.number(shared.handOvers)).\(answers ?? "")"
            )
        )
    }
}
