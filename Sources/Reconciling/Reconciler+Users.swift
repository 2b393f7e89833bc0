import Applying
import Coordination
import OnewayCore
import Store

extension Reconciler {
    private static let usersMax = 500

    /// Users are not compared, because no webhook reports them: those who are known are read again, so that a changed
    /// name or address reaches their sales persons. Whenever a reconciliation begins, or tries to.
    func askForUsers() async throws(StoreError) {
        guard merger.book.settings.sendsSalesPersons else { return }
        var last: GUID?
        repeat {
            let users = try await store.records(of: .systemUser, after: last, limit: Self.usersMax)
            let present = users.filter { !$0.isDeleted }.map { ($0.key, QuestionReason.refresh) }
            if !present.isEmpty {
                try await intake.ask(Dictionary(uniqueKeysWithValues: present), now: time.now())
            }
            last = users.count == Self.usersMax ? users.last?.key.id : nil
        } while last != nil
    }
}
