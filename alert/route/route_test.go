package route

import (
	"slices"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

func ms(t testing.TB, texts ...string) (out kizashi.Matchers) {
	t.Helper()
	for _, s := range texts {
		m, err := kizashi.ParseMatcher(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func labels(pairs ...string) kizashi.Labels {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return kizashi.LabelsOf(m)
}

var receivers = []Receiver{{Name: Default}, {Name: "oncall"}, {Name: "manager"}, {Name: "shop", Tenant: "shop"}, {Name: "bank", Tenant: "bank"}}

func tree(t *testing.T) *Tree {
	t.Helper()
	tr, err := New(receivers, []Route{
		{Match: ms(t, `severity="critical"`), Receivers: []string{"oncall", "shop"}, Continue: true},
		{Match: ms(t, `tenant="shop"`), Receivers: []string{"shop"}, Routes: []Route{
			{Match: ms(t, `owner="security"`), Receivers: []string{"manager"}},
			{Match: ms(t, `class="record"`)}, // inherits
		}},
		{Receivers: []string{"bank", Default}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestWhoHears(t *testing.T) {
	tr := tree(t)
	for _, c := range []struct {
		tenant string
		ls     kizashi.Labels
		want   string
	}{
		{"shop", labels("tenant", "shop", "severity", "warning"), "shop"},
		{"shop", labels("tenant", "shop", "severity", "critical"), "oncall shop"},
		{"shop", labels("tenant", "shop", "owner", "security"), "manager"},
		{"shop", labels("tenant", "shop", "class", "record"), "shop"},
		{"bank", labels("tenant", "bank", "severity", "critical"), "oncall bank default"},
		{"toys", labels("tenant", "toys"), "default"},
		// Whatever the labels say, the alert's tenant decides.
		{"bank", labels("tenant", "shop"), ""},
	} {
		if got := strings.Join(tr.Who(c.tenant, c.ls), " "); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.tenant, c.ls, got, c.want)
		}
	}
	none, err := New(receivers, nil)
	if err != nil || !slices.Equal(none.Who("shop", nil), []string{Default}) {
		t.Errorf("without routes: %v %v", none.Who("shop", nil), err)
	}
}

func TestExplain(t *testing.T) {
	got := tree(t).Explain("bank", labels("tenant", "bank", "severity", "critical")).String()
	want := `{severity="critical", tenant="bank"}
  routes[0] {severity="critical"}: matches, and continues
  routes[1] {tenant="shop"}: no, tenant="shop": tenant is "bank"
  routes[2] {}: matches
told: oncall (routes[0])
not told: shop (routes[0]): it hears of tenant shop only
told: bank (routes[2])
told: default (routes[2])
`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	got = tree(t).Explain("shop", labels("tenant", "shop", "owner", "security")).String()
	if !strings.Contains(got, "    routes[1].routes[0] {owner=\"security\"}: matches\ntold: manager (routes[1].routes[0])\n") {
		t.Error(got)
	}
}

// Explain and Who say the same.
func TestExplainAgreesWithWho(t *testing.T) {
	tr := tree(t)
	for _, tenant := range []string{"shop", "bank", "toys"} {
		for _, sev := range []string{"critical", "notice"} {
			for _, owner := range []string{"", "security"} {
				ls := labels("tenant", tenant, "severity", sev, "owner", owner)
				var told []string
				for _, v := range tr.Explain(tenant, ls).Receivers {
					if v.Told {
						told = append(told, v.Receiver)
					}
				}
				if who := tr.Who(tenant, ls); !slices.Equal(told, who) {
					t.Errorf("%s: explained %v, told %v", ls, told, who)
				}
			}
		}
	}
}

func TestOurLabelsWin(t *testing.T) {
	a := kizashi.Alert{Tenant: "bank", Group: "g", Side: kizashi.Up, Labels: labels("tenant", "shop", "name", "CPU", "zzz", "z", "aaa", "a", "class", "x")}
	got := Labels(&a, "act", "critical", "").String()
	if want := `{aaa="a", class="act", group="g", name="CPU", owner="", severity="critical", side="up", tenant="bank", zzz="z"}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWhatIsWrongWithRoutes(t *testing.T) {
	rs := append(slices.Clone(receivers), Receiver{Name: "a", Escalate: "b"}, Receiver{Name: "b", Escalate: "c"}, Receiver{Name: "c", Escalate: "b"},
		Receiver{Name: "d", Escalate: "nobody"}, Receiver{Name: "e", Escalate: "shop"})
	_, err := New(rs, []Route{
		{Match: ms(t, `service=~"web.*"`), Receivers: []string{"onca11"}},
		{Match: ms(t, `service="web-1"`, `name="x"`), Receivers: []string{"oncall"}},
		{Match: ms(t, `tenant="bank"`), Receivers: []string{"oncall"}, Routes: []Route{
			{Match: ms(t, `tenant!="bank"`)},
			{Match: ms(t, `name="y"`), Receivers: []string{"shop"}},
		}},
		{Match: ms(t, `name="z"`)},
		{Receivers: []string{Default}},
		{Match: ms(t, `name="late"`), Receivers: []string{Default}},
	})
	if err == nil {
		t.Fatal("all is well")
	}
	for _, want := range []string{
		"receiver b: escalate goes round in a circle: b to c to b",
		"receiver c: escalate goes round in a circle: c to b to c",
		`receiver d: escalate: "nobody" is no receiver`,
		"receiver e: escalate: shop hears of tenant shop only",
		`routes[0]: "onca11" is no receiver; there are: default, oncall`,
		"routes[1]: it is never reached: routes[0] takes all",
		`routes[2].routes[0]: it can never match: tenant="bank" and tenant!="bank"`,
		`routes[2].routes[1]: receiver shop hears of tenant shop only, and the route matches tenant="bank"`,
		"routes[3]: it has no receivers, and none stand above it",
		"routes[5]: it is never reached: routes[4] takes all",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s\nin\n%s", want, err)
		}
	}
	if strings.Contains(err.Error(), "receiver a: escalate goes") || len(strings.Split(err.Error(), "\n")) != 10 {
		t.Errorf("more than is wrong:\n%s", err)
	}
	if _, err := New([]Receiver{{Name: "x"}, {Name: "x"}}, nil); err == nil {
		t.Error("two receivers of one name")
	}
}
