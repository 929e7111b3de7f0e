"""
Servers with a name, for tests that run over all of them.

`VARIANTS` are those on which a client must get everything right: each differs from the most plausible server in one
thing, or (the last ones) in many at once. `HARSH` are those on which even a right client may have to fail a step,
with a clear reason: the document gives it no way to know, or no way at all.
"""

from __future__ import annotations

from types import MappingProxyType

from reconciler.simulator.behaviour import PLAIN, Behaviour

VARIANTS: MappingProxyType[str, Behaviour] = MappingProxyType(
    {
        "plain": PLAIN,
        "put-honours-active": Behaviour(put_honours_active=True),
        "put-honours-status": Behaviour(put_honours_status=True),
        "put-ignores-type": Behaviour(put_honours_type=False),
        "post-honours-active": Behaviour(post_honours_active=True),
        "post-honours-status": Behaviour(post_honours_status=True),
        "put-keeps-omitted": Behaviour(put_resets_omitted=False),
        "new-inactive": Behaviour(new_active=False),
        "dropped-fields-zero": Behaviour(dropped_fields="zero"),
        "default-list-associates": Behaviour(default_list_associates=True),
        "duplicates-refused": Behaviour(duplicate_names="refused"),
        "duplicate-logins": Behaviour(duplicate_logins="allowed"),
        "unknown-fields-refused": Behaviour(unknown_fields="refused"),
        "user-put-without-password": Behaviour(user_put_needs_password=False),
        "associate-twice-refused": Behaviour(associate_twice="refused"),
        "disassociate-absent-refused": Behaviour(disassociate_absent="refused"),
        "links-strict": Behaviour(associate_twice="refused", disassociate_absent="refused"),
        "skill-again-refused": Behaviour(skill_again="refused"),
        "skills-one-by-one": Behaviour(skill_batch="one-by-one"),
        "same-status-refused": Behaviour(set_same_status="refused"),
        "codes-by-name": Behaviour(patch_codes="name"),
        "codes-by-number": Behaviour(patch_codes="number"),
        "inactive-campaigns-run": Behaviour(inactive_campaigns_run=True, deactivate_running="keeps"),
        "one-team": Behaviour(user_teams="one"),
        "primary-always": Behaviour(associate_sets_primary="always"),
        "primary-never": Behaviour(associate_sets_primary="never"),
        "primary-moves": Behaviour(primary_change="moves"),
        "primary-next": Behaviour(disassociate_primary="next"),
        "emergency-restores": Behaviour(emergency_restores=True),
        "refusals-400": Behaviour(refusal_status=400),
        "missing-404": Behaviour(missing_status="404"),
        "activity-shown": Behaviour(activity_in_entities=True),
        "extra-fields": Behaviour(extra_fields=True),
        "narrow-objects": Behaviour(narrow_answers="object"),
        "codes-answered-by-number": Behaviour(code_answers="number"),
        "skill-envelope": Behaviour(skill_answer="envelope"),
        "skill-per-user": Behaviour(skill_answer="per-user"),
        "newest-first": Behaviour(collection_order="newest"),
        "dates-ms": Behaviour(dates="ms"),
        "dates-uk": Behaviour(dates="uk"),
        "decimals-text": Behaviour(decimals="text"),
        "nulls-omitted": Behaviour(nulls="omitted"),
        "nulls-empty": Behaviour(nulls="empty"),
        "camel-case": Behaviour(property_case="camel"),
        "shared-ids": Behaviour(ids="shared", first_id=100),
        "no-expiry": Behaviour(token_expiry_field=None),
        "expiry-ms": Behaviour(token_expiry_field="ExpiryDate", token_expiry_form="ms"),
        "latest-token-only": Behaviour(token_latest_only=True),
        "forbidding": Behaviour(token_refusal=403, login_refusal=403),
        "login-refused-200": Behaviour(login_refusal=200),
        # As a stock WCF service would be.
        "wcf": Behaviour(
            dates="ms", patch_codes="number", code_answers="number", unknown_fields="ignored", skill_answer="envelope"
        ),
        # As a modern ASP.NET service would be.
        "web-api": Behaviour(
            property_case="camel",
            nulls="omitted",
            refusal_status=400,
            missing_status="404",
            narrow_answers="object",
            duplicate_names="refused",
            token_expiry_field="validUntil",
        ),
        "strict": Behaviour(
            associate_twice="refused",
            disassociate_absent="refused",
            skill_again="refused",
            set_same_status="refused",
            duplicate_names="refused",
            unknown_fields="refused",
            refusal_status=400,
            user_teams="one",
            new_active=False,
        ),
        "lenient": Behaviour(
            put_honours_active=True,
            put_honours_status=True,
            post_honours_active=True,
            post_honours_status=True,
            put_resets_omitted=False,
            duplicate_logins="allowed",
            references_checked=False,
            user_put_needs_password=False,
            inactive_campaigns_run=True,
            deactivate_running="keeps",
            activity_in_entities=True,
            emergency_blocks_running=False,
        ),
        "surprising": Behaviour(
            put_honours_active=True,
            put_honours_status=True,
            put_honours_type=False,
            dropped_fields="zero",
            default_list_associates=True,
            associate_sets_primary="always",
            disassociate_primary="next",
            dates="uk",
            decimals="text",
            nulls="empty",
            extra_fields=True,
            collection_order="newest",
            skill_answer="per-user",
            ids="shared",
        ),
    }
)

HARSH: MappingProxyType[str, Behaviour] = MappingProxyType(
    {
        "own-dates-only": Behaviour(dates="uk", dates_accepted="own"),
        "inactive-hidden": Behaviour(inactive_listed=False),
        "same-activity-refused": Behaviour(set_same_activity="refused"),
        "type-fixed-while-running": Behaviour(type_while_running="refused"),
        "status-stepwise": Behaviour(status_transitions="stepwise"),
        "running-stays-active": Behaviour(deactivate_running="refused"),
        "list-in-one-campaign": Behaviour(list_campaigns="one"),
        "primary-stays": Behaviour(disassociate_primary="refused"),
        "codes-by-identifier": Behaviour(patch_codes="enum"),
        "codes-closed": Behaviour(undocumented_codes="refused"),
        "emergency-strict": Behaviour(emergency_again="refused"),
        "locking-out": Behaviour(lock_after=3),
    }
)
