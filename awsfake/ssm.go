package awsfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var _ = register("ssm", map[string]handler{"DescribeInstanceInformation": describeInstanceInformation, "CreateOpsItem": createOpsItem,
	"DescribeOpsItems": describeOpsItems, "GetOpsItem": getOpsItem, "UpdateOpsItem": updateOpsItem})

// OpsItem is an OpsCenter item.
type OpsItem struct {
	ID, Title, Description, Source string
	Severity, Category, Status     string
	Type                           string // OpsItemType
	Priority                       int
	Data                           map[string]string // OperationalData: values by key
	Created, Modified              time.Time
	By                             string // ARN of who made it
	kinds                          map[string]string
	version                        int
}

// OpsItems returns the items of the region in the order they were made.
func (r *Region) OpsItems() []OpsItem {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.state.ops)
}

// describeInstanceInformation knows the filters InstanceIds and PingStatus.
func describeInstanceInformation(q *request) (object, error) {
	n, err := q.limit("MaxResults", 5, 50, 50)
	if err != nil {
		return nil, err
	}
	by := filters(q.in["Filters"], "Key", "Values")
	for k, v := range filters(q.in["InstanceInformationFilterList"], "key", "valueSet") {
		by[k] = v
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, id := range sortedKeys(q.region.state.agents) {
		x := q.region.state.agents[id]
		ok := true
		for k, values := range by {
			switch k {
			case "InstanceIds":
				ok = ok && slices.Contains(values, id)
			case "PingStatus":
				ok = ok && slices.Contains(values, x.Ping)
			default:
				return nil, &failure{http.StatusBadRequest, "InvalidFilterKey", "filter " + k + " is not known here"}
			}
		}
		if ok {
			found = append(found, given(object{{"InstanceId", id}, {"PingStatus", x.Ping}, {"LastPingDateTime", x.LastPing}, {"AgentVersion", x.Version}, {"IsLatestVersion", x.Latest},
				{"PlatformType", x.PlatformType}, {"PlatformName", x.PlatformName}, {"ResourceType", "EC2Instance"}}))
		}
	}
	return q.paged("InstanceInformationList", found, "NextToken", q.in["NextToken"], n)
}

// dedup is the key of OperationalData that keeps an item from being made
// twice while it is open.
const dedup = "/aws/dedup"

func createOpsItem(q *request) (object, error) {
	x := OpsItem{Title: text(q.in["Title"]), Description: text(q.in["Description"]), Source: text(q.in["Source"]), Status: "Open", version: 1,
		Created: q.now, Modified: q.now, By: q.arn(), Data: map[string]string{}, kinds: map[string]string{}, Type: text(q.in["OpsItemType"])}
	for _, f := range []struct{ name, v string }{{"Title", x.Title}, {"Description", x.Description}, {"Source", x.Source}} {
		if f.v == "" {
			return nil, fmt.Errorf("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", f.name)
		}
	}
	for _, taken := range []string{"aws", "amazon", "amzn"} {
		if strings.Contains(strings.ToLower(x.Source), taken) {
			return nil, &failure{http.StatusBadRequest, "OpsItemInvalidParameterException", "Source " + x.Source + " must not contain " + taken}
		}
	}
	if err := x.change(q.in); err != nil {
		return nil, err
	}
	r := q.region
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, old := range r.state.ops {
		if x.Data[dedup] != "" && old.Data[dedup] == x.Data[dedup] && old.Status != "Resolved" {
			f := &failure{http.StatusBadRequest, "OpsItemAlreadyExistsException", "An OpsItem with the same deduplication string is open: " + old.ID}
			return nil, &detailed{f, object{{"OpsItemId", old.ID}}}
		}
	}
	x.ID = fmt.Sprintf("oi-%012x", len(r.state.ops)+1)
	r.state.ops = append(r.state.ops, x)
	return object{{"OpsItemId", x.ID}, {"OpsItemArn", r.account.arn("ssm", r.name, "opsitem/"+x.ID)}}, nil
}

// change sets what a create or an update names.
func (x *OpsItem) change(in map[string]any) error {
	for name, to := range map[string]*string{"Title": &x.Title, "Description": &x.Description, "Severity": &x.Severity, "Category": &x.Category, "Status": &x.Status} {
		if v := text(in[name]); v != "" {
			*to = v
		}
	}
	if p, err := number(in["Priority"]); err != nil || p < 0 || p > 5 {
		return fmt.Errorf("Priority %v: want 1 to 5", in["Priority"])
	} else if p > 0 {
		x.Priority = int(p)
	}
	for name, most := range opsLengths {
		if v := text(in[name]); utf8.RuneCountInString(v) > most {
			return unlike(name, v, fmt.Sprintf("have length less than or equal to %d", most))
		}
	}
	if x.Severity != "" && !slices.Contains([]string{"1", "2", "3", "4"}, x.Severity) {
		return fmt.Errorf("Severity %s: want 1 to 4", x.Severity)
	}
	for k, v := range dict(in["OperationalData"]) {
		x.Data[k], x.kinds[k] = text(dict(v)["Value"]), text(dict(v)["Type"])
		if err := dataOK(k, x.Data[k]); err != nil {
			return err
		}
	}
	for _, k := range texts(in["OperationalDataToDelete"]) {
		delete(x.Data, k)
	}
	return nil
}

// opsLengths is how many characters an OpsItem's texts may have, as SSM's
// model states it.
var opsLengths = map[string]int{"Title": 1024, "Description": 2048, "Source": 128, "Category": 64, "Severity": 64}

// Limits of OperationalData, as the documentation of CreateOpsItem states
// them: characters of a key, bytes of a value.
const (
	maxDataKey   = 128
	maxDataValue = 20 << 10
)

// dataOK checks one entry of OperationalData.
func dataOK(k, v string) error {
	bad := ""
	switch word := strings.TrimPrefix(strings.ToLower(k), "/"); {
	case k == dedup || k == "/aws/resources" || k == "/aws/automations":
	case k == "" || utf8.RuneCountInString(k) > maxDataKey:
		bad = fmt.Sprintf("must have 1 to %d characters", maxDataKey)
	default:
		for _, taken := range []string{"amazon", "aws", "amzn", "ssm"} {
			if strings.HasPrefix(word, taken) {
				bad = "must not begin with " + taken
			}
		}
	}
	if len(v) > maxDataValue {
		bad = fmt.Sprintf("has a value of %d bytes, want at most %d", len(v), maxDataValue)
	}
	if bad == "" {
		return nil
	}
	return &failure{http.StatusBadRequest, "OpsItemInvalidParameterException", "OperationalData key " + k + " " + bad}
}

func (x OpsItem) wire(r *Region, data bool) object {
	o := given(object{{"OpsItemId", x.ID}, {"Title", x.Title}, {"Source", x.Source}, {"Severity", x.Severity}, {"Category", x.Category}, {"Status", x.Status},
		{"OpsItemType", x.Type}, {"CreatedTime", x.Created}, {"LastModifiedTime", x.Modified}, {"CreatedBy", x.By}, {"LastModifiedBy", x.By}})
	if x.Priority > 0 {
		o = append(o, field{"Priority", x.Priority})
	}
	ops := dictionary{}
	for _, k := range sortedKeys(x.Data) {
		ops = append(ops, field{k, object{{"Value", x.Data[k]}, {"Type", x.kinds[k]}}})
	}
	o = append(o, field{"OperationalData", ops})
	if data {
		o = append(o, given(object{{"Description", x.Description}, {"Version", fmt.Sprint(x.version)}, {"OpsItemArn", r.account.arn("ssm", r.name, "opsitem/"+x.ID)}})...)
	}
	return o
}

// opsItem finds an item. The lock is held.
func (q *request) opsItem() (*OpsItem, error) {
	id := text(q.in["OpsItemId"])
	i := slices.IndexFunc(q.region.state.ops, func(x OpsItem) bool { return x.ID == id })
	if i < 0 {
		return nil, &failure{http.StatusBadRequest, "OpsItemNotFoundException", "OpsItem ID " + id + " does not exist."}
	}
	return &q.region.state.ops[i], nil
}

func getOpsItem(q *request) (object, error) {
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	x, err := q.opsItem()
	if err != nil {
		return nil, err
	}
	return object{{"OpsItem", x.wire(q.region, true)}}, nil
}

func updateOpsItem(q *request) (object, error) {
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	x, err := q.opsItem()
	if err != nil {
		return nil, err
	}
	next := *x
	next.Data, next.kinds = maps.Clone(x.Data), maps.Clone(x.kinds)
	if err := next.change(q.in); err != nil {
		return nil, err
	}
	next.Modified = q.now
	next.version++
	*x = next
	return object{}, nil
}

// describeOpsItems knows the filters Status, Title, Source, Severity,
// OpsItemId and OperationalDataKey; Operator Equal or Contains.
func describeOpsItems(q *request) (object, error) {
	n, err := q.limit("MaxResults", 1, 50, 50)
	if err != nil {
		return nil, err
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, x := range q.region.state.ops {
		ok, err := x.fits(list(q.in["OpsItemFilters"]))
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, x.wire(q.region, false))
		}
	}
	return q.paged("OpsItemSummaries", found, "NextToken", q.in["NextToken"], n)
}

func (x OpsItem) fits(fs []any) (bool, error) {
	for _, f := range fs {
		var have []string
		switch k := text(dict(f)["Key"]); k {
		case "Status":
			have = []string{x.Status}
		case "Title":
			have = []string{x.Title}
		case "Source":
			have = []string{x.Source}
		case "Severity":
			have = []string{x.Severity}
		case "OpsItemId":
			have = []string{x.ID}
		case "OperationalDataKey":
			have = sortedKeys(x.Data)
		case "OperationalData": // key and value in one
			for key, v := range x.Data {
				b, err := json.Marshal(map[string]string{"key": key, "value": v})
				if err != nil {
					return false, err
				}
				have = append(have, string(b))
			}
		default:
			return false, &failure{http.StatusBadRequest, "OpsItemInvalidParameterException", "filter " + k + " is not known here"}
		}
		part := text(dict(f)["Operator"]) == "Contains"
		if !slices.ContainsFunc(texts(dict(f)["Values"]), func(v string) bool {
			return slices.ContainsFunc(have, func(h string) bool { return h == v || part && strings.Contains(h, v) })
		}) {
			return false, nil
		}
	}
	return true, nil
}
