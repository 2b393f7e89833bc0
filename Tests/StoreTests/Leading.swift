import OnewayCore
import Threads

@testable import Store

extension Store {
    /// The store in the hands of whoever leads now.
    var leader: any StoreLeader {
        guard let driver = self as? any Driver else { preconditionFailure("not a driver") }
        return driver.current
    }
}

extension Driver {
    fileprivate var current: any StoreLeader {
        guard let terms = terms as? LocalTerms else { preconditionFailure("terms of other processes") }
        return Leader(self, terms.latest.withLock { $0 })
    }
}
