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
        switch terms {
        case let terms as LocalTerms: return Leader(self, terms.latest.withLock { $0 })
        case let watch as DatabaseWatch: return Leader(self, watch.state.update { $0.term })
        default: preconditionFailure("unknown terms")
        }
    }
}
