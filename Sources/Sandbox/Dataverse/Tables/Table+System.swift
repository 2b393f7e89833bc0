extension Table {
    static let connectionRole = Table(
        "connectionrole",
        "ConnectionRole",
        label: "Connection Role",
        typeCode: 3231,
        writers: .people,
        columns: [
            .text("name", "Name"),
            .choice(
                "category",
                "Connection Role Category",
                [
                    1: "Business", 2: "Family", 3: "Social", 4: "Sales", 5: "Other", 1000: "Stakeholder",
                    1001: "Sales Team", 1002: "Service",
                ]
            ),
            .memo("description", "Description"),
        ] + activeOrNot
    )

    static let systemUser = Table(
        "systemuser",
        "SystemUser",
        label: "User",
        typeCode: 8,
        nameColumn: "fullname",
        writers: .people,
        tracksChanges: true,
        columns: [
            .text("fullname", "Full Name", 200).readOnly, .text("firstname", "First Name", 256),
            .text("lastname", "Last Name", 256), .text("internalemailaddress", "Primary Email"),
            .text("domainname", "User Name", 1024), Column("isdisabled", "Status", .flag),
            .lookup("businessunitid", "Business Unit", "businessunit"),
        ]
    )

    static let team = Table(
        "team",
        "Team",
        label: "Team",
        typeCode: 9,
        writers: .people,
        columns: [.text("name", "Team Name", 160), .lookup("businessunitid", "Business Unit", "businessunit")]
    )

    static let currency = Table(
        "transactioncurrency",
        "TransactionCurrency",
        set: "transactioncurrencies",
        label: "Currency",
        typeCode: 9105,
        nameColumn: "currencyname",
        writers: .people,
        columns: [
            .text("currencyname", "Currency Name"), .text("isocurrencycode", "Currency Code", 5),
            .text("currencysymbol", "Currency Symbol", 10), Column("exchangerate", "Exchange Rate", .decimal),
        ]
    )

    static let businessUnit = Table(
        "businessunit",
        "BusinessUnit",
        label: "Business Unit",
        typeCode: 10,
        writers: .people,
        columns: [.text("name", "Name", 160)]
    )

    static let organization = Table(
        "organization",
        "Organization",
        typeCode: 1019,
        writers: .people,
        columns: [
            .text("name", "Organization Name", 160),
            Column("expirechangetrackingindays", "Days to Expire Change Tracking Deltas", .whole),
        ]
    )

    static let systemJob = Table(
        "asyncoperation",
        "AsyncOperation",
        label: "System Job",
        typeCode: 4700,
        writers: .nobody,
        columns: [
            .text("name", "System Job Name", 256), .choice("operationtype", "System Job Type", [1: "System Event"]),
            .lookup("owningextensionid", "Owning Extension", "sdkmessageprocessingstep"),
            .lookup("regardingobjectid", "Regarding", "account", "contact", "opportunity", "connection"),
            .text("messagename", "Message Name", 160), .text("primaryentitytype", "Primary Entity Type", 128),
            .memo("correlationid", "Correlation Id", 36), Column("depth", "Depth", .whole),
            Column("errorcode", "Error Code", .whole), .memo("friendlymessage", "Friendly Message", 4000),
            .memo("message", "Message", 1_073_741_823), Column("startedon", "Started On", .moment),
            Column("completedon", "Completed On", .moment),
            .state([0: "Ready", 1: "Suspended", 2: "Locked", 3: "Completed"]),
            .status(
                (0, 0, "Waiting For Resources"),
                (1, 10, "Waiting"),
                (2, 20, "In Progress"),
                (3, 30, "Succeeded"),
                (3, 31, "Failed"),
                (3, 32, "Canceled")
            ),
        ]
    )
}
