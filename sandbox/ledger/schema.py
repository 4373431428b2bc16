"""The tables. Amounts are fen; times are seconds since the epoch."""

# Whoever changes a table counts this up; an older file is then begun anew.
VERSION = 3

TABLES = (
    """
    CREATE TABLE trades (
        id INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        product TEXT NOT NULL,
        token TEXT NOT NULL UNIQUE,
        code TEXT UNIQUE,
        out_trade_no TEXT NOT NULL,
        trade_no TEXT NOT NULL,
        total_fen INTEGER NOT NULL CHECK (total_fen > 0),
        refunded_fen INTEGER NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0),
        held_fen INTEGER NOT NULL DEFAULT 0 CHECK (held_fen >= 0),
        subject TEXT NOT NULL,
        notify_url TEXT NOT NULL,
        return_url TEXT NOT NULL,
        extra TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        paid_at INTEGER,
        closed_at INTEGER,
        UNIQUE (provider, out_trade_no),
        UNIQUE (provider, trade_no),
        CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
        CHECK (refunded_fen + held_fen <= total_fen),
        CHECK (refunded_fen + held_fen = 0 OR status = 'PAID')
    )
    """,
    "CREATE INDEX trades_waiting ON trades (expires_at) WHERE status = 'WAITING'",
    "CREATE INDEX trades_paid ON trades (provider, paid_at)",
    """
    CREATE TABLE refunds (
        id INTEGER PRIMARY KEY,
        trade_id INTEGER NOT NULL REFERENCES trades (id),
        out_request_no TEXT NOT NULL,
        refund_no TEXT NOT NULL UNIQUE,
        fen INTEGER NOT NULL CHECK (fen > 0),
        reason TEXT NOT NULL,
        notify_url TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        UNIQUE (trade_id, out_request_no)
    )
    """,
    "CREATE INDEX refunds_finished ON refunds (finished_at)",
    """
    CREATE TABLE payouts (
        id INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        out_biz_no TEXT NOT NULL,
        order_no TEXT NOT NULL UNIQUE,
        fen INTEGER NOT NULL CHECK (fen > 0),
        payee TEXT NOT NULL,
        title TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        UNIQUE (provider, out_biz_no)
    )
    """,
    """
    CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        trade_id INTEGER NOT NULL REFERENCES trades (id),
        refund_id INTEGER REFERENCES refunds (id),
        event_id TEXT NOT NULL UNIQUE,
        url TEXT NOT NULL,
        content TEXT NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        due_at REAL NOT NULL,
        last_answer TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX notices_due ON notices (state, due_at)",
    "CREATE INDEX notices_of_trade ON notices (trade_id)",
    # Those that the tracking gateway was asked after. No number is used twice: the largest is the newest.
    """
    CREATE TABLE parcels (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        company TEXT NOT NULL,
        number TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        UNIQUE (company, number)
    )
    """,
    """
    CREATE TABLE faults (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        provider TEXT NOT NULL,
        out_trade_no TEXT NOT NULL,
        action TEXT NOT NULL,
        times INTEGER CHECK (times >= 0),
        value REAL
    )
    """,
)
