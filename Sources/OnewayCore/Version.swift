public enum Oneway { public static let version = "0.1.0" }
