extension Table {
    static let account = Table(
        "account",
        "Account",
        typeCode: 1,
        writers: .people,
        tracksChanges: true,
        columns: [
            .text("name", "Account Name", 160), .text("accountnumber", "Account Number", 20),
            .text("websiteurl", "Website", 200), .text("emailaddress1", "Email"), .text("telephone1", "Main Phone", 50),
            .choice("industrycode", "Industry", [1: "Accounting", 2: "Agriculture", 6: "Business Services"]),
            Column("numberofemployees", "Number of Employees", .whole), Column("revenue", "Annual Revenue", .money),
            Column("revenue_base", "Annual Revenue (Base)", .money).readOnly,
            .lookup("parentaccountid", "Parent Account", "account"),
            .lookup("primarycontactid", "Primary Contact", "contact"), .memo("description", "Description"),
        ] + mergeable("account") + owned + money + activeOrNot
    )

    static let contact = Table(
        "contact",
        "Contact",
        typeCode: 2,
        nameColumn: "fullname",
        writers: .people,
        tracksChanges: true,
        columns: [
            .text("firstname", "First Name", 50), .text("lastname", "Last Name", 50),
            .text("fullname", "Full Name", 160).readOnly, .text("emailaddress1", "Email"),
            .text("emailaddress2", "Email Address 2"), .text("emailaddress3", "Email Address 3"),
            .lookup("parentcustomerid", "Company Name", "account", "contact"), .text("jobtitle", "Job Title"),
            .text("telephone1", "Business Phone", 50), .text("mobilephone", "Mobile Phone", 50),
            Column("donotemail", "Do not allow Emails", .flag),
            Column("donotbulkemail", "Do not allow Bulk Emails", .flag), .memo("description", "Description"),
        ] + mergeable("contact") + owned + money + activeOrNot
    )

    static let opportunity = Table(
        "opportunity",
        "Opportunity",
        set: "opportunities",
        typeCode: 3,
        writers: .people,
        tracksChanges: true,
        columns: [
            .text("name", "Topic", 300), .lookup("customerid", "Potential Customer", "account", "contact"),
            .lookup("parentaccountid", "Account", "account"), .lookup("parentcontactid", "Contact", "contact"),
            Column("estimatedvalue", "Est. Revenue", .money),
            Column("estimatedvalue_base", "Est. Revenue (Base)", .money).readOnly,
            Column("actualvalue", "Actual Revenue", .money),
            Column("actualvalue_base", "Actual Revenue (Base)", .money).readOnly,
            Column("budgetamount", "Budget Amount", .money),
            Column("budgetamount_base", "Budget Amount (Base)", .money).readOnly,
            Column("estimatedclosedate", "Est. Close Date", .day),
            Column("actualclosedate", "Actual Close Date", .day),
            Column("closeprobability", "Probability", .whole), .text("stepname", "Pipeline Phase", 200),
            .choice("salesstage", "Sales Stage", [0: "Qualify", 1: "Develop", 2: "Propose", 3: "Close"]),
            .choice("salesstagecode", "Process Code", [1: "Default Value"]),
            .choice("opportunityratingcode", "Rating", [1: "Hot", 2: "Warm", 3: "Cold"]),
            .choice(
                "msdyn_forecastcategory",
                "Forecast Category",
                [
                    100_000_001: "Pipeline", 100_000_002: "Best case", 100_000_003: "Committed",
                    100_000_004: "Omitted", 100_000_005: "Won", 100_000_006: "Lost",
                ]
            ),
            .memo("description", "Description"), Column("isrevenuesystemcalculated", "Revenue", .flag),
            Column("new_synctomarketo", "Sync to Marketo", .flag).custom,
            .state([0: "Open", 1: "Won", 2: "Lost"]),
            .status(
                (0, 1, "In Progress"),
                (0, 2, "On Hold"),
                (1, 3, "Won"),
                (2, 4, "Canceled"),
                (2, 5, "Out-Sold")
            ),
        ] + owned + money
    )

    static let connection = Table(
        "connection",
        "Connection",
        typeCode: 3234,
        writers: .people,
        tracksChanges: true,
        columns: [
            .text("name", "Name", 500).readOnly, connected("record1id", "Connected From"),
            connected("record2id", "Connected To"), .lookup("record1roleid", "Role (From)", "connectionrole"),
            .lookup("record2roleid", "Role (To)", "connectionrole"), typeCodes("record1objecttypecode"),
            typeCodes("record2objecttypecode"), Column("ismaster", "Is Master", .flag).readOnly,
            .lookup("relatedconnectionid", "Reciprocal Connection", "connection").readOnly,
            Column("effectivestart", "Starting", .moment), Column("effectiveend", "Ending", .moment),
            .memo("description", "Description"),
        ] + owned + activeOrNot
    )

    private static func connected(_ name: String, _ label: String) -> Column {
        .lookup(name, label, "account", "contact", "opportunity", "systemuser")
    }

    private static func typeCodes(_ name: String) -> Column {
        .choice(name, "Type", [1: "Account", 2: "Contact", 3: "Opportunity", 8: "User"]).readOnly
    }

    private static func mergeable(_ table: String) -> [Column] {
        [Column("merged", "Merged", .flag).readOnly, .lookup("masterid", "Master ID", table).readOnly]
    }

    private static let owned: [Column] = [
        .lookup("ownerid", "Owner", "systemuser", "team"),
        .lookup("owningbusinessunit", "Owning Business Unit", "businessunit").readOnly,
    ]
    private static let money: [Column] = [
        .lookup("transactioncurrencyid", "Currency", "transactioncurrency"),
        Column("exchangerate", "Exchange Rate", .decimal).readOnly,
    ]
    static let activeOrNot: [Column] = [
        .state([0: "Active", 1: "Inactive"]), .status((0, 1, "Active"), (1, 2, "Inactive")),
    ]
}
