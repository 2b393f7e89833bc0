import Configuration
import Coordination
import DataverseClient
import DataverseRegistration
import HTTPClient
import OnewayCore
import Reading
import Store

// Checks what is registered in Dynamics, and which of its notifications failed; has their records read again.
extension Check {
    static let failedDays = 7

    static func webhook(
        _ client: DataverseClient,
        _ settings: Configuration,
        _ options: Options
    ) async -> [CheckLine] {
        let name = "webhook"
        let failed: [FailedNotification]
        var lines: [CheckLine]
        do {
            guard let webhook = try await OwnWebhook(client) else {
                let says = "Dynamics has no webhook named \(WebhookRole.data.name): nothing that changes there is sent"
                return [.warns(name, says, remedy: "oneway register; if it has another name, give it this one")]
            }
            lines = [difference(try webhook.plan(RuleBook(RuleSettings(settings))))]
            failed = try await webhook.failed(since: TimeSource.systemNow().adding(seconds: -failedDays * 86_400))
        } catch let ambiguous as AmbiguousWebhook {
            return [.warns(name, RegisterText.says(ambiguous), remedy: "delete, or rename, those not in use")]
        } catch let failure as RegistrationFailure {
            let remedy =
                "for this check alone, the application user's role needs Read on Service Endpoint, Sdk Message, Sdk Message"
                + " Filter, Sdk Message Processing Step and its images, and System Job"
            return [.warns(name, "cannot be checked: \(failure.says)", remedy: remedy)]
        } catch {
            return [.warns(name, "cannot be checked", remedy: "try again")]
        }
        lines += await notifications(failed, settings, options)
        return lines
    }

    private static func difference(_ plan: RegistrationPlan) -> CheckLine {
        let name = "webhook"
        if plan.isDone { return .passes(name, "is registered with the steps and images that this configuration needs") }
        let shown = plan.pending.prefix(namedMax).map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", ")
        let more = plan.pending.count > namedMax ? ", and \(Wording.number(plan.pending.count - namedMax)) more" : ""
        let says = "is not registered as this configuration needs it: \(shown)\(more)"
        return .warns(name, says, remedy: "oneway register shows the difference, and makes it so")
    }

    // MARK: Failed notifications

    private static let namedMax = 3
    private static let failedName = "notifications"

    private static func notifications(
        _ failed: [FailedNotification],
        _ settings: Configuration,
        _ options: Options
    ) async -> [CheckLine] {
        let days = "in the last \(failedDays) days"
        if failed.isEmpty { return [.passes(failedName, "none has failed in Dynamics \(days)")] }
        let readAt = await readAt(failed.compactMap(\.record), settings)
        // Their clock is not ours.
        let lost = failed.filter { failed in
            guard let record = failed.record, let readAt = readAt[record] else { return true }
            return readAt <= failed.at.adding(seconds: Int(clockSecondsMax))
        }
        let atLeast = failed.count == OwnWebhook.failedMax ? "at least " : ""
        let count = "\(atLeast)\(Wording.count(failed.count, "has", "have")) failed"
        if lost.isEmpty { return [.passes(failedName, "\(count) \(days); their records were read since")] }
        let records = Set(lost.compactMap(\.record)).sorted()
        if options.isRepairing, !records.isEmpty { return [await repair(records, settings)] }
        let shown = lost.prefix(namedMax).map { failed in
            let record = failed.record.map { "\($0)" } ?? "a record that Dynamics does not name"
            return "\(failed.message) of \(record) at \(failed.at) (\(failed.says))"
        }
        let more = lost.count > namedMax ? ", and \(Wording.number(lost.count - namedMax)) more" : ""
        let says = "\(count) \(days), and Oneway may not know of: \(shown.joined(separator: ", "))\(more)"
        let remedy =
            records.isEmpty
            ? "find them in Dynamics, and send them again: docs/deploying.md, When notifications were missed"
            : "oneway check --repair has the running service read these records"
        return [.warns(failedName, says, remedy: remedy)]
    }

    /// When Dynamics last answered for these, as far as the store can be read from here.
    private static func readAt(_ records: [RecordKey], _ settings: Configuration) async -> [RecordKey: Timestamp] {
        do throws(StoreError) {
            guard let store = try StoredData.existing(settings.store) else { return [:] }
            let answered = try await store.questions(Set(records).sorted()).filter { !$0.isOpen }
            await store.close()
            return Dictionary(answered.compactMap { read in read.askedAt.map { (read.key, $0) } }) { $1 }
        } catch {
            // The store's own line says why.
            return [:]
        }
    }

    private static func repair(_ records: [RecordKey], _ settings: Configuration) async -> CheckLine {
        let body: JSON = [
            "records": .array(
                records.map { ["entity": .string($0.entity.rawValue), "record": .string("\($0.id)")] }
            )
        ]
        do {
            let service = RunningService(
                ServiceEndpoint(host: RunningService.reachable(settings.admin.address), port: settings.admin.port),
                token: settings.admin.token
            )
            let answer = try await service.ask(.post, "/api/refresh", body: body.encoded)
            guard let reads = try? JSONDocument(answer.body).root["reads"]?.elements, !reads.isEmpty else {
                throw Failed(says: "The answer there is not from Oneway's admin listener.")
            }
            let open = reads.count { $0["nextAt"]?.string != nil }
            let says = "\(Wording.count(reads.count, "record")) of failed ones"
            if open == 0 { return .passes(failedName, "\(says) \(reads.count == 1 ? "was" : "were") read again") }
            return .warns(
                failedName,
                "\(says) asked for; Dynamics has not answered for \(open) yet",
                remedy: "the service continues: oneway status shows how many are open"
            )
        } catch {
            let says = (error as? Failed)?.says ?? "\(error)"
            return .fails(failedName, "cannot be repaired: \(says)", remedy: "--repair needs the running service")
        }
    }
}
